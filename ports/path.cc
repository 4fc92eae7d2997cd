#include "ports/path.h"

#include <linux/limits.h>

namespace tandem {
namespace {

Error bad_path(const std::string& path, const std::string& why) {
  return Error{Fault::invalid, "path '" + path + "': " + why};
}

}  // namespace

Result<std::string> clean_path(const std::string& path) {
  if (path.empty() || path.front() != '/') return bad_path(path, "must be absolute");
  if (path.find('\0') != std::string::npos)
    return bad_path(path.substr(0, path.find('\0')), "must not contain a NUL");
  if (path.size() >= PATH_MAX) return bad_path(path.substr(0, 80) + "...", "is too long");
  std::string clean;
  for (const auto& part : path_parts(path)) {
    if (part == "..") return bad_path(path, "must not contain '..'");
    if (part.size() > NAME_MAX) return bad_path(path.substr(0, 80) + "...", "has too long a name");
    clean += "/" + part;
  }
  return clean.empty() ? "/" : clean;
}

std::vector<std::string> path_parts(std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    const auto slash = path.find('/');
    const auto part = path.substr(0, slash);
    if (!part.empty() && part != ".") parts.emplace_back(part);
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
  }
  return parts;
}

std::string parent_folder(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

std::string last_name(const std::string& path) {
  const auto name = path.substr(path.rfind('/') + 1);
  return name.empty() ? "." : name;
}

}  // namespace tandem
