// Answers of the API: JSON documents, problem documents, plain text.
#pragma once

#include <string>

#include "app/documents.h"
#include "ports/http_server.h"

namespace tandem {

ServedResponse document(const OrderedJson& json, int status = 200);
// RFC 9457.
ServedResponse problem(int status, const std::string& title, const std::string& detail);
ServedResponse text(int status, std::string body, const char* type = "text/plain; charset=utf-8");

}  // namespace tandem
