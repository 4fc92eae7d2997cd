// Answers that do not depend on any state: the vendor's error pages and bare successes.
#pragma once

#include <string>

#include "tests/wazo_sim/http/message.h"
#include "tests/wazo_sim/json_text.h"

namespace tandem::wazo_sim {

// ---- confd and auth, both Flask behind Cheroot

inline constexpr const char* kNotUnderstood =
    "The browser (or proxy) sent a request that this server could not understand.";

Response flask_json(int status, const Json& body);
Response flask_no_content();
Response flask_not_found();                              // an unrouted path: an HTML page
Response flask_not_allowed(const std::string& methods);  // the wrong method on a routed path
Response flask_options(const std::string& methods);

// confd's handled errors: a list with one string.
Response confd_error(int status, const std::string& text);
// An error after the handler returned: what was done stays done.
Response confd_internal_error();
// What confd says when a connection of its own is refused.
std::string refused_connection(int port, const std::string& path);

// ---- provd, Twisted

inline constexpr const char* kProvdMediaType = "application/vnd.proformatique.provd+json";

Response provd_json(const Json& body);
Response provd_text(int status, const std::string& text);
Response provd_no_content();
Response provd_created(const std::string& location, const std::string& body);
Response provd_unauthorized();
Response provd_processing_failed();
Response provd_no_such_page();
Response provd_options();
Response provd_bad_method(const std::string& method);

// ---- sysconfd, FastAPI behind Uvicorn

Response uvicorn_json(int status, const Json& body);
Response uvicorn_failed();  // whatever it was, nothing but these three words
Response uvicorn_not_allowed(const std::string& methods);

}  // namespace tandem::wazo_sim
