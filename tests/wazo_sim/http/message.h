// One request and one answer as plain values: what the services see of HTTP.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tandem::wazo_sim {

struct Request {
  std::string method;
  std::string target;                          // as it came: path and query
  std::vector<std::string> path;               // decoded; a trailing slash leaves an empty last one
  std::map<std::string, std::string> query;    // decoded; of a repeated key the first counts
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
  std::string remote_address;

  // The value of a header, "" when it is absent. `name` is in lower case.
  std::string header(const std::string& name) const;
  // The value of a query key, nothing when it is absent.
  std::optional<std::string> parameter(const std::string& key) const;
};

struct Response {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  bool chunked = false;     // sent in several chunks, without a length
  bool lower_case = false;  // the names of headers that the connection adds

  Response& with(std::string name, std::string value);
};

// How an answer travels. All but `whole` are faults.
enum class Delivery { whole, dribble, cut_headers, cut_body, nothing, endless };

struct Reply {
  Response response;
  Delivery delivery = Delivery::whole;
  std::chrono::milliseconds delay{0};  // before the first byte
  std::chrono::milliseconds pace{0};   // between two bytes of a dribble
};

// Splits `target` into path and query, decoding both.
void parse_target(Request& request);

std::string percent_decode(std::string_view text);
std::optional<std::string> base64_decode(std::string_view text);
std::string lower_case(std::string_view text);

}  // namespace tandem::wazo_sim
