// How the API answers: documents, problems, texts.
#pragma once

#include <string>

#include "app/documents.h"
#include "ports/http_server.h"

namespace tandem {

ServedResponse json_answer(int status, const OrderedJson& json, const char* type);
// RFC 9457.
ServedResponse problem(int status, const std::string& title, const std::string& detail);
ServedResponse document(const OrderedJson& json, int status = 200);
ServedResponse text(int status, std::string body, const char* type = "text/plain; charset=utf-8");
// 405, with the methods that the path takes.
ServedResponse not_allowed(const char* allowed);

}  // namespace tandem
