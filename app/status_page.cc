#include "app/status_page.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/answers.h"

namespace tandem {
namespace {

// The page loads its own files and asks its own operator, and nothing else. No text becomes markup:
// what is shown comes from other systems too, and the browser refuses to parse it (trusted types).
constexpr const char* kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' "
    "data:; base-uri 'none'; frame-ancestors 'none'; form-action 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'";

const PageFile* find(std::string_view path) {
  if (!path.starts_with('/')) return nullptr;
  const std::string_view name = path == "/" ? "index.html" : path.substr(1);
  for (const PageFile& file : page_files())
    if (file.name == name) return &file;
  return nullptr;
}

const char* type_of(std::string_view name) {
  if (name.ends_with(".css")) return "text/css; charset=utf-8";
  if (name.ends_with(".mjs")) return "text/javascript; charset=utf-8";
  return "text/html; charset=utf-8";
}

std::string header(const ServedRequest& request, const char* name) {
  const auto given = request.headers.find(name);
  return given == request.headers.end() ? "" : given->second;
}

}  // namespace

bool is_page(std::string_view path) {
  return path != "/" && path != "/index.html" && find(path) != nullptr;
}

bool wants_page(const ServedRequest& request) {
  return header(request, "Accept").find("text/html") != std::string::npos;
}

ServedResponse page_answer(const ServedRequest& request) {
  const PageFile* const file = find(request.path);
  if (file == nullptr) return problem(404, "Not found", "the paths are listed at /api");
  ServedResponse response;
  const std::string tag = fmt::format("\"{}\"", file->digest);
  const std::string known = header(request, "If-None-Match");
  response.status = known == "*" || known.find(tag) != std::string::npos ? 304 : 200;
  response.headers["ETag"] = tag;
  // Asked for each time, and sent only where it is another: a new operator brings its own page.
  response.headers["Cache-Control"] = "no-cache";
  response.headers["Content-Type"] = type_of(file->name);
  response.headers["Content-Security-Policy"] = kPolicy;
  response.headers["X-Content-Type-Options"] = "nosniff";
  response.headers["Referrer-Policy"] = "no-referrer";
  response.headers["Cross-Origin-Resource-Policy"] = "same-origin";
  if (request.path == "/") response.headers["Vary"] = "Accept";
  if (response.status == 200) response.body = file->text;
  return response;
}

}  // namespace tandem
