// `tandem validate FILE...`: reads as strictly as the operator does.
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "app/commands/commands.h"
#include "app/terminal.h"
#include "core/spec.h"

namespace tandem {
namespace {

// One byte over the limit is enough to be refused for its size.
std::optional<std::string> read_file(const std::string& path, std::string& error) {
  struct stat status {};
  std::ifstream file;
  if (stat(path.c_str(), &status) != 0) {
    error = std::strerror(errno);
  } else if (!S_ISREG(status.st_mode)) {
    error = "not a regular file";
  } else {
    file.open(path, std::ios::binary);
    if (!file) error = std::strerror(errno);
  }
  if (!error.empty()) return std::nullopt;
  std::string text(kSpecBytesMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

std::vector<SpecProblem> problems_of(const std::string& text, const std::string& path,
                                     std::string& what) {
  const auto kind = kind_of(text, path);
  if (!kind) return kind.error();
  what = *kind;
  if (*kind == "OperatorConfig") {
    const auto parsed = parse_operator(text, path);
    return parsed ? std::vector<SpecProblem>{} : parsed.error();
  }
  const auto parsed = parse_pair(text, path);
  return parsed ? std::vector<SpecProblem>{} : parsed.error();
}

bool validate(const Terminal& out, const Terminal& err, const std::string& path) {
  const std::string shown = printable(path);
  std::string error, what;
  const auto text = read_file(path, error);
  if (!text) {
    fmt::print(stderr, "{}: {}\n", shown, err.tinted(Tint::bad, error));
    return false;
  }
  const auto problems = problems_of(*text, path, what);
  for (const SpecProblem& problem : problems)
    fmt::print(stderr, "{}\n", printable(to_string(problem)));
  if (problems.empty()) {
    fmt::print("{}: {} ({})\n", shown, out.tinted(Tint::good, "good"), what);
  } else {
    fmt::print(stderr, "{}: {}\n", shown,
               err.tinted(Tint::bad, fmt::format("{} problem{}", problems.size(),
                                                 problems.size() == 1 ? "" : "s")));
  }
  return problems.empty();
}

}  // namespace

int validate_command(const std::vector<std::string>& files, const Options& options) {
  const Terminal out(STDOUT_FILENO, options.no_color), err(STDERR_FILENO, options.no_color);
  bool good = true;
  for (const std::string& file : files) good = validate(out, err, file) && good;
  return good ? kExitGood : kExitFailed;
}

}  // namespace tandem
