#include "ports/http_answer.h"

#include <algorithm>
#include <boost/beast/http/status.hpp>
#include <string_view>

namespace tandem {

namespace beast = boost::beast;

namespace {

std::string_view reason(int status) {
  const auto phrase =
      beast::http::obsolete_reason(beast::http::int_to_status(static_cast<unsigned>(status)));
  return {phrase.data(), phrase.size()};
}

}  // namespace

ServedResponse problem_answer(int status) {
  const auto number = std::to_string(status);
  return {status,
          {{"Content-Type", "application/problem+json"}},
          R"({"type":"about:blank","title":")" + std::string(reason(status)) + R"(","status":)" +
              number + "}\n"};
}

namespace {

// One line of a header: nothing in it may begin another one.
std::string line(const std::string& name, const std::string& value) {
  auto result = name + ": " + value;
  std::replace_if(
      result.begin(), result.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; },
      ' ');
  return result + "\r\n";
}

// The status and the headers that the handler chose.
std::string render_head(const ServedResponse& response) {
  const IgnoreCase less;
  const auto is = [&](const std::string& a, const std::string& b) {
    return !less(a, b) && !less(b, a);
  };
  auto result = "HTTP/1.1 " + std::to_string(response.status) + " " +
                std::string(reason(response.status)) + "\r\n";
  for (const auto& [name, value] : response.headers)
    if (!is(name, "Content-Length") && !is(name, "Transfer-Encoding") && !is(name, "Connection"))
      result += line(name, value);
  return result;
}

}  // namespace

std::string render_answer(const ServedResponse& response, bool head, bool keep_alive) {
  const bool bodiless = response.status == 204 || response.status == 304;
  auto result = render_head(response);
  if (!bodiless) result += line("Content-Length", std::to_string(response.body.size()));
  result += line("Connection", keep_alive ? "keep-alive" : "close") + "\r\n";
  if (!bodiless && !head) result += response.body;
  return result;
}

std::string render_stream_head(const ServedResponse& response, bool chunked) {
  auto result = render_head(response);
  if (chunked) result += line("Transfer-Encoding", "chunked");
  return result + line("Connection", "close") + "\r\n";
}

}  // namespace tandem
