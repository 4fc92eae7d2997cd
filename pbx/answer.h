// What the vendor's services say when they refuse, made into an Error that is safe to show.
//
// confd repeats the presented token in its 401 and 503 bodies, so no body is ever shown as it came.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "ports/http.h"

namespace tandem {

// `text` on one line, at most 200 bytes, each of `secrets` replaced, and whatever follows "/token/"
// too.
std::string safe_text(std::string_view text, const std::vector<std::string>& secrets);

// The sentence in an error body: an array with one string (confd), {"message"} (confd, auth),
// {"reason"} (auth), or one line of plain text (provd). Empty for HTML and for what is none of
// these.
std::string refusal(const HttpResponse& response, const std::vector<std::string>& secrets);

// The Error for an answer that is no 2xx. `service` is its first word: "confd", "provd", "auth".
Error refusal_error(std::string_view service, const HttpResponse& response,
                    const std::vector<std::string>& secrets);

}  // namespace tandem
