#include "pbx/bnfos.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace tandem {
namespace {

constexpr std::string_view kBlanks = " \t\r\n\v\f";

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return "";
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

// "fos1": what follows is a number, so that the name is one word of a command.
bool is_device(std::string_view section) {
  constexpr std::string_view kPrefix = "fos";
  constexpr std::size_t kDigitsMax = 3;
  if (!section.starts_with(kPrefix)) return false;
  const auto number = section.substr(kPrefix.size());
  return !number.empty() && number.size() <= kDigitsMax &&
         number.find_first_not_of("0123456789") == std::string_view::npos;
}

Error bad_line(int number, std::string_view why) {
  return Error{Fault::invalid, fmt::format("line {}: {}", number, why)};
}

// One pass over the lines; `device` is the one whose section it is in.
struct Reader {
  std::vector<IsdnDevice> devices;
  bool in_device = false;

  Status section(std::string_view line, int number) {
    if (line.back() != ']') return bad_line(number, "a section must end with ]");
    const auto name = trimmed(line.substr(1, line.size() - 2));
    in_device = is_device(name);
    if (!in_device) return success();
    if (std::any_of(devices.begin(), devices.end(), [&](const auto& d) { return d.name == name; }))
      return bad_line(number, fmt::format("the device {} is there twice", name));
    if (devices.size() == kIsdnDevicesMax)
      return bad_line(number, fmt::format("more than {} devices", kIsdnDevicesMax));
    devices.push_back({std::string(name), ""});
    return success();
  }

  // The line is not told in a message: it may be a login.
  Status option(std::string_view line, int number) {
    const auto equals = line.find('=');
    if (equals == std::string_view::npos)
      return bad_line(number, "neither a [section] nor KEY = VALUE");
    if (in_device && trimmed(line.substr(0, equals)) == "host")
      devices.back().host = std::string(trimmed(line.substr(equals + 1)));
    return success();
  }
};

}  // namespace

Result<std::vector<IsdnDevice>> parse_bnfos_conf(std::string_view text) {
  // The vendor's reader would end there, and take another list of devices from the file than we.
  if (text.find('\0') != std::string_view::npos) return Error{Fault::invalid, "the file has a NUL"};
  Reader reader;
  int number = 0;
  while (!text.empty()) {
    const auto feed = std::min(text.find('\n'), text.size());
    const auto line = trimmed(text.substr(0, feed));
    text.remove_prefix(std::min(feed + 1, text.size()));
    ++number;
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    const Status read =
        line.front() == '[' ? reader.section(line, number) : reader.option(line, number);
    if (!read.ok()) return read.error();
  }
  return std::move(reader.devices);
}

std::string_view lines_text(LinesTo lines) {
  switch (lines) {
    case LinesTo::unknown: return "unknown";
    case LinesTo::primary: return "the primary (A to B)";
    case LinesTo::secondary: return "the secondary (A to D)";
  }
  std::abort();  // unreachable: -Wswitch keeps the list complete
}

std::vector<std::string> switch_command(const std::string& program, const std::string& device,
                                        LinesTo lines) {
  return {program, "--set", lines == LinesTo::primary ? "mode=1" : "mode=0", "-f", device};
}

std::vector<std::string> read_command(const std::vector<std::string>& declared,
                                      const std::string& device) {
  constexpr std::string_view kPlace = "{device}";
  std::vector<std::string> argv;
  for (std::string word : declared) {
    for (auto at = word.find(kPlace); at != std::string::npos; at = word.find(kPlace, at)) {
      word.replace(at, kPlace.size(), device);
      at += device.size();
    }
    argv.push_back(std::move(word));
  }
  return argv;
}

LinesTo lines_in(std::string_view output) {
  std::string text;
  for (const char c : output)
    if (kBlanks.find(c) == std::string_view::npos) text += c;
  if (text == "1" || text == "mode=1") return LinesTo::primary;
  if (text == "0" || text == "mode=0") return LinesTo::secondary;
  return LinesTo::unknown;
}

}  // namespace tandem
