#include "core/wire_json.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/formats.h"
#include "core/wording.h"

namespace tandem {
namespace {

constexpr std::uint64_t kExactMax = (std::uint64_t{1} << 53U) - 1;
constexpr std::size_t kDigestLength = 64;

// Follows the parser, to see what it would forgive.
class Watcher {
 public:
  using At = nlohmann::json::parse_event_t;
  bool operator()(int depth, At event, nlohmann::json& parsed) {
    if (depth > kWireDepthMax) deep_ = true;
    if (event == At::object_start) names_.emplace_back();
    if (event == At::object_end && !names_.empty()) names_.pop_back();
    if (event == At::key && !names_.empty())
      twice_ = !names_.back().insert(parsed.get_ref<const std::string&>()).second || twice_;
    return true;
  }
  bool deep() const { return deep_; }
  bool twice() const { return twice_; }

 private:
  std::vector<std::set<std::string>> names_;
  bool deep_ = false;
  bool twice_ = false;
};

// A terminal shows this text.
bool is_one_line(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8_length(text, at);
    if (!is_shown(text.substr(at, length))) return false;
    at += length;
  }
  return true;
}

bool is_hexadecimal(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace

Result<nlohmann::json> parse_wire_object(std::string_view text, std::size_t bytes_max,
                                         std::string_view what) {
  if (text.size() > bytes_max)
    return Error{Fault::too_large, fmt::format("{} has more than {} bytes", what, bytes_max)};
  // The reader would take a NUL for the end.
  if (text.find('\0') != std::string_view::npos)
    return Error{Fault::invalid, fmt::format("{} is no JSON object", what)};
  Watcher watcher;
  const auto watch = [&watcher](int depth, nlohmann::json::parse_event_t event,
                                nlohmann::json& parsed) { return watcher(depth, event, parsed); };
  auto json = nlohmann::json::parse(text.begin(), text.end(), watch, false);
  if (!json.is_object()) return Error{Fault::invalid, fmt::format("{} is no JSON object", what)};
  if (watcher.twice())
    return Error{Fault::invalid, fmt::format("{} has a member twice in one object", what)};
  if (watcher.deep())
    return Error{Fault::invalid,
                 fmt::format("{} is nested deeper than {} levels", what, kWireDepthMax)};
  return json;
}

WireReader::WireReader(const nlohmann::json& object, std::string what)
    : object_(object), what_(std::move(what)) {}

void WireReader::refuse(const Error& error) {
  if (!error_) error_ = error;
}

void WireReader::refuse(const char* field, std::string_view why) {
  refuse({Fault::invalid, fmt::format("{} has no usable {}: {}", what_, field, why)});
}

void WireReader::refuse_others() {
  for (const auto& [name, value] : object_.items())
    if (!asked_.contains(name))
      refuse({Fault::invalid, what_ + " has a member that is not known here"});
}

const nlohmann::json* WireReader::member(const char* field, Presence presence) {
  asked_.insert(field);
  const auto found = object_.find(field);
  if (found != object_.end()) return &*found;
  if (presence == Presence::required) refuse(field, "it is missing");
  return nullptr;
}

std::string WireReader::text(const char* field, std::size_t length_max, Presence presence) {
  const auto* const value = member(field, presence);
  if (value == nullptr) return "";
  if (!value->is_string()) {
    refuse(field, "must be text");
    return "";
  }
  const auto& text = value->get_ref<const std::string&>();
  if (text.size() > length_max)
    refuse(field, fmt::format("must have at most {} bytes", length_max));
  if (!is_one_line(text)) refuse(field, "must be one line without control characters");
  return text;
}

std::string WireReader::word(const char* field, std::size_t length_max) {
  auto value = text(field, length_max);
  if (value.empty()) refuse(field, "must not be empty");
  return value;
}

bool WireReader::flag(const char* field) {
  const auto* const value = member(field, Presence::required);
  if (value == nullptr) return false;
  if (value->is_boolean()) return value->get<bool>();
  refuse(field, "must be true or false");
  return false;
}

std::uint64_t WireReader::count(const char* field) {
  const auto* const value = member(field, Presence::required);
  if (value == nullptr) return 0;
  if (value->is_number_unsigned() && value->get<std::uint64_t>() <= kExactMax)
    return value->get<std::uint64_t>();
  refuse(field, "must be an integer from 0 to 2^53 - 1");
  return 0;
}

WallTime WireReader::time(const char* field, Presence presence) {
  constexpr std::size_t kTimeMax = 40;
  const auto value = text(field, kTimeMax, presence);
  if (value.empty() && presence == Presence::optional) return {};
  const auto time = parse_time(value);
  if (!time) refuse(field, "must be an RFC 3339 time");
  return time.value_or(WallTime{});
}

std::vector<std::string> WireReader::words(const char* field, std::size_t items_max,
                                           std::size_t length_max, Presence presence) {
  std::vector<std::string> result;
  const auto* const value = member(field, presence);
  if (value == nullptr) return result;
  if (!value->is_array() || value->size() > items_max) {
    refuse(field, fmt::format("must be a list of at most {} words", items_max));
    return result;
  }
  for (const auto& item : *value) {
    const bool good = item.is_string() && !item.get_ref<const std::string&>().empty() &&
                      item.get_ref<const std::string&>().size() <= length_max &&
                      is_one_line(item.get_ref<const std::string&>());
    if (!good) {
      refuse(field, fmt::format("each must be a word of at most {} bytes", length_max));
      return result;
    }
    result.push_back(item.get<std::string>());
  }
  return result;
}

const nlohmann::json* WireReader::object_or_null(const char* field) {
  const auto* const value = member(field, Presence::required);
  if (value == nullptr || value->is_null()) return nullptr;
  if (value->is_object()) return value;
  refuse(field, "must be an object or null");
  return nullptr;
}

std::string WireReader::digest(const char* field, Presence presence) {
  auto value = text(field, kDigestLength, presence);
  if (!value.empty() && (value.size() != kDigestLength || !is_hexadecimal(value)))
    refuse(field, "must be empty or a SHA-256 in hexadecimal");
  return value;
}

}  // namespace tandem
