#include "tests/wazo_sim/vendor_answers.h"

namespace tandem::wazo_sim {
namespace {

constexpr const char* kCheroot = "Cheroot/9.0.0";
constexpr const char* kTwisted = "TwistedWeb/22.4.0";

Response flask(int status, const std::string& type, const std::string& body) {
  Response response{status, {{"Content-Type", type}}, body};
  return response.with("Server", kCheroot);
}

Response twisted(int status, const std::string& type, const std::string& body) {
  Response response{status, {{"Server", kTwisted}}, body};
  if (!type.empty()) response.with("Content-Type", type);
  return response;
}

// Its header names are in lower case, down to the length.
Response uvicorn(int status, const std::string& type, const std::string& body) {
  Response response{status, {{"server", "uvicorn"}, {"content-type", type}}, body};
  response.lower_case = true;
  return response;
}

Response chunked(Response response) {
  response.chunked = true;
  return response;
}

std::string page(const std::string& title, const std::string& heading, const std::string& text) {
  return "\n<html>\n  <head><title>" + title + "</title></head>\n  <body>\n    <h1>" + heading +
         "</h1>\n    <p>" + text + "</p>\n  </body>\n</html>\n";
}

}  // namespace

Response flask_json(int status, const Json& body) {
  return flask(status, "application/json", dump_spaced(body));
}

Response flask_no_content() { return flask(204, "application/json", ""); }

Response flask_not_found() {
  return flask(404, "text/html; charset=utf-8",
               "<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n"
               "<p>The requested URL was not found on the server. If you entered the URL manually "
               "please check your spelling and try again.</p>\n");
}

Response flask_not_allowed(const std::string& methods) {
  return flask_json(405, {{"message", "The method is not allowed for the requested URL."}})
      .with("Allow", methods);
}

Response flask_options(const std::string& methods) {
  return flask(200, "text/html; charset=utf-8", "").with("Allow", methods);
}

Response confd_error(int status, const std::string& text) {
  return flask_json(status, Json::array({text}));
}

Response confd_internal_error() { return flask_json(500, {{"message", "Internal Server Error"}}); }

std::string refused_connection(int port, const std::string& path) {
  return "HTTPConnectionPool(host='localhost', port=" + std::to_string(port) +
         "): Max retries exceeded with url: " + path +
         " (Caused by NewConnectionError('<urllib3.connection.HTTPConnection object at "
         "0x7f1c5e0b9d50>: Failed to establish a new connection: [Errno 111] Connection "
         "refused'))";
}

Response provd_json(const Json& body) {
  return chunked(twisted(200, kProvdMediaType, dump_compact(body)));
}

Response provd_text(int status, const std::string& text) {
  return chunked(twisted(status, "text/plain; charset=ascii", text));
}

Response provd_no_content() { return twisted(204, "", ""); }

Response provd_created(const std::string& location, const std::string& body) {
  return chunked(twisted(201, "text/html", body)).with("Location", location);
}

Response provd_unauthorized() { return twisted(401, "text/html", "Unauthorized"); }

Response provd_processing_failed() {
  return twisted(500, "text/html",
                 "<html><head><title>Processing Failed</title></head><body><b>Processing "
                 "Failed</b></body></html>");
}

Response provd_no_such_page() {
  return twisted(
      404, "text/html; charset=utf-8",
      page("404 - No Such Resource", "No Such Resource", "Sorry. No luck finding that resource."));
}

Response provd_options() { return chunked(twisted(200, "text/html", "")); }

Response provd_bad_method(const std::string& method) {
  return twisted(501, "text/html; charset=utf-8",
                 page("501 - Huh?", "Huh?", "I don't know how to treat a " + method + " request."));
}

Response uvicorn_json(int status, const Json& body) {
  return uvicorn(status, "application/json", dump_utf8(body));
}

Response uvicorn_failed() {
  return uvicorn(500, "text/plain; charset=utf-8", "Internal Server Error");
}

Response uvicorn_not_allowed(const std::string& methods) {
  return uvicorn_json(405, {{"detail", "Method Not Allowed"}}).with("allow", methods);
}

}  // namespace tandem::wazo_sim
