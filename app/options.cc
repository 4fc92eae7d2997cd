#include "app/options.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/spec.h"

namespace tandem {
namespace {

Result<std::string> read_file(const std::string& path) {
  std::error_code unseen;
  if (std::filesystem::is_directory(path, unseen))
    return Error{Fault::invalid, fmt::format("{}: is a directory; must be a file", path)};
  std::ifstream file(path, std::ios::binary);
  if (!file)
    return Error{errno == ENOENT ? Fault::not_found : Fault::denied,
                 fmt::format("{}: {}", path, std::strerror(errno))};
  std::string text(kSpecBytesMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return Error{Fault::unavailable, fmt::format("{}: can not be read", path)};
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

Error all_problems(const std::vector<SpecProblem>& problems) {
  std::string lines;
  for (const SpecProblem& problem : problems)
    lines += (lines.empty() ? "" : "\n") + to_string(problem);
  return {Fault::invalid, lines};
}

Result<OperatorConfig> read_config(const Options& options) {
  const std::string path = options.operator_file.value_or(Options::kOperatorFile);
  const auto text = read_file(path);
  if (!text.ok()) {
    if (text.error().fault == Fault::not_found && !options.operator_file) return OperatorConfig{};
    return text.error();
  }
  auto parsed = parse_operator(text.value(), path);
  if (!parsed) return all_problems(parsed.error());
  return std::move(*parsed);
}

std::string host_name() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return "";
  const std::string full = name.data();
  return full.substr(0, full.find('.'));
}

// The overrides have to keep the same rules as the file: what they make is read as a file would be.
Result<OperatorConfig> checked(const OperatorConfig& config) {
  auto parsed = parse_operator(to_json(config).dump(), "the command line or environment");
  if (parsed) return std::move(*parsed);
  std::string lines;
  for (const SpecProblem& problem : parsed.error())
    lines += fmt::format("{}the command line or environment: {}: {}", lines.empty() ? "" : "\n",
                         problem.path, problem.message);
  return Error{Fault::invalid, lines};
}

// From where it is typed, as of any program; in the file it must be absolute.
std::string from_here(const std::string& typed) {
  std::error_code nowhere;
  std::string path = std::filesystem::absolute(typed, nowhere).lexically_normal();
  if (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

}  // namespace

Result<OperatorConfig> load_config(const Options& options) {
  auto read = read_config(options);
  if (!read.ok()) return read;
  OperatorConfig config = std::move(read).value();
  if (options.pair) config.pair = from_here(*options.pair);
  if (options.node) config.node = *options.node;
  if (options.root) config.root = from_here(*options.root);
  if (options.listen) config.listen = *options.listen;
  if (options.state_dir) config.state_dir = from_here(*options.state_dir);
  auto good = checked(config);
  if (!good.ok()) return good;
  if (good.value().node.empty()) good.value().node = host_name();
  return good;
}

}  // namespace tandem
