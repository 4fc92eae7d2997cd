#include "tests/wazo_sim/provd/requests.h"

#include <charconv>

#include "tests/wazo_sim/vendor_answers.h"

namespace tandem::wazo_sim {
namespace {

// One that is no JSON is ignored: everything is selected, as the real one does.
std::optional<Json> selector_of(const Request& request) {
  if (const auto encoded = request.parameter("q64")) {
    const auto text = base64_decode(*encoded);
    return text ? parse_json(*text) : std::nullopt;
  }
  const auto text = request.parameter("q");
  return text ? parse_json(*text) : std::nullopt;
}

std::size_t number_of(const Request& request, const char* key) {
  const std::string text = request.parameter(key).value_or("");
  std::size_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

ProvdQuery query_of(const Request& request, const Json& selector) {
  ProvdQuery query;
  query.selector = selector;
  std::string fields = request.parameter("fields").value_or("");
  while (!fields.empty()) {
    const auto comma = fields.find(',');
    query.fields.push_back(fields.substr(0, comma));
    fields = comma == std::string::npos ? "" : fields.substr(comma + 1);
  }
  query.skip = number_of(request, "skip");
  query.limit = number_of(request, "limit");
  query.sort = request.parameter("sort").value_or("");
  query.descending = request.parameter("sort_ord") == "DESC";
  return query;
}

}  // namespace

bool is_read(const Request& request) { return request.method == "GET" || request.method == "HEAD"; }

std::optional<Response> not_acceptable(const Request& request) {
  const std::string accept = request.header("accept");
  if (accept.empty() || accept.find("*/*") != std::string::npos ||
      accept.find(kProvdMediaType) != std::string::npos)
    return std::nullopt;
  Response response =
      provd_text(406, "You must accept the \"" + std::string(kProvdMediaType) + "\" MIME type.");
  response.chunked = false;
  return response;
}

std::optional<Response> unreadable(const Request& request) {
  std::string text;
  int status = 400;
  if (request.header("content-type") != kProvdMediaType) {
    text = "Entity must be in media type \"" + std::string(kProvdMediaType) + "\".";
    status = 415;
  } else if (!parse_json(request.body)) {
    // The vendor formats bytes into the text, hence the b'...' (and " where the text has a ').
    const std::string what = "Invalid JSON document: " + python_json_error(request.body);
    text = "b";
    text += python_repr(what);
  } else {
    return std::nullopt;
  }
  Response response = provd_text(status, text);
  response.chunked = false;
  return response;
}

Response document_list(const Request& request, const ProvdDocuments& documents, const char* name) {
  const Json selector = selector_of(request).value_or(Json::object());
  if (!selector.is_object()) return provd_processing_failed();
  return provd_json({{name, documents.list(query_of(request, selector))}});
}

bool is_file_name(const std::string& id) {
  return !id.empty() && id.size() < 200 && id != "." && id != ".." &&
         id.find('/') == std::string::npos && id.find('\0') == std::string::npos;
}

Response with_length(Response response) {
  response.chunked = false;
  return response;
}

std::string new_id() {
  std::string id = new_uuid();
  std::erase(id, '-');
  return id;
}

}  // namespace tandem::wazo_sim
