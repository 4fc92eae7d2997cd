// What provd wants of every request, and how it answers queries.
#pragma once

#include <optional>
#include <string>

#include "tests/wazo_sim/context.h"
#include "tests/wazo_sim/http/message.h"
#include "tests/wazo_sim/provd/documents.h"

namespace tandem::wazo_sim {

bool is_read(const Request& request);

// The refusal of a media type that provd does not speak, or nothing.
std::optional<Response> not_acceptable(const Request& request);
// The refusal of a body that is not typed to the letter, or no JSON; or nothing.
std::optional<Response> unreadable(const Request& request);

// `{"NAME": [...]}` with what the query selects.
Response document_list(const Request& request, const ProvdDocuments& documents, const char* name);

bool is_file_name(const std::string& id);
std::string new_id();

// provd sends a few answers whole, with their length, and all others in chunks.
Response with_length(Response response);

}  // namespace tandem::wazo_sim
