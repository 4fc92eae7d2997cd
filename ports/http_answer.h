// The bytes of one answer of our web server.
#pragma once

#include <string>

#include "ports/http_server.h"

namespace tandem {

// RFC 9457, for what is refused before any handler sees it.
ServedResponse problem_answer(int status);

// `head`: without the body, and with its length.
std::string render_answer(const ServedResponse& response, bool head, bool keep_alive);

// All before the body of a stream, behind which the connection ends.
std::string render_stream_head(const ServedResponse& response, bool chunked);

}  // namespace tandem
