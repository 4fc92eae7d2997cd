#include "pbx/provd_documents.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "pbx/json.h"
#include "pbx/provd.h"

namespace tandem {
namespace {

// nullopt: the document is no registrar's. Thousands of devices lie beside them, so a look for the
// word comes before the reading of JSON.
Result<std::optional<Registrar>> registrar_in(const std::string& text, const std::string& path) {
  if (text.find("\"registrar\"") == std::string::npos) return std::optional<Registrar>();
  const auto json = parse_json(text, path);
  Result<std::optional<Registrar>> registrar =
      json.ok() ? registrar_of(json.value(), path) : Result<std::optional<Registrar>>(json.error());
  if (registrar.ok()) return registrar;
  return Error{Fault::invalid, registrar.error().message};
}

}  // namespace

Result<std::vector<Registrar>> ProvdDocuments::registrars(const std::string& directory) {
  std::vector<Registrar> registrars;
  const auto names = files_.list(directory, kDocumentsMax);
  if (!names.ok()) {
    if (names.error().fault == Fault::not_found) return registrars;
    return in_context(directory, names.error());
  }
  for (const std::string& name : names.value()) {
    const std::string path = directory + "/" + name;
    const auto status = files_.status(path);
    if (!status.ok()) return in_context(path, status.error());
    if (!status.value() || status.value()->kind != FileStatus::Kind::file) continue;
    const auto text = files_.read(path);
    if (!text.ok() && text.error().fault == Fault::not_found) continue;  // removed meanwhile
    if (!text.ok()) return in_context(path, text.error());
    auto registrar = registrar_in(text.value(), path);
    if (!registrar.ok()) return registrar.error();
    if (registrar.value()) registrars.push_back(*std::move(registrar).value());
  }
  std::sort(registrars.begin(), registrars.end(),
            [](const Registrar& a, const Registrar& b) { return a.id < b.id; });
  return registrars;
}

}  // namespace tandem
