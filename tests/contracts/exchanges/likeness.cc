#include "tests/contracts/exchanges/likeness.h"

#include <algorithm>
#include <regex>
#include <set>

#include "tests/wazo_sim/context.h"

namespace tandem::exchanges {
namespace {

// The vendor drew these; whatever else looks like an id must be the very one.
const std::set<std::string>& drawn_by_the_vendor() {
  static const std::set<std::string> kDrawn = {
      "b0315b9e-8832-421b-b6f6-ac28da6e3633",  // the endpoint `carrier1`
      "9b1dcfe6362c4e2ea10eddfad30e0e4d",      // a device made by confd
      "seqeerd1",                              // the name of a child tenant's template
  };
  return kDrawn;
}

std::string last_word(const std::string& where) {
  const std::string word = where.substr(where.rfind('.') + 1);
  return word.substr(0, word.find('['));
}

bool is_time(const std::string& where) {
  const std::string key = last_word(where);
  return key.ends_with("issued_at") || key.ends_with("expires_at");
}

// Every digit as a 0: the fractions and the width of a time count, not its value.
std::string shape_of_time(std::string text) {
  std::ranges::replace_if(
      text, [](char c) { return c >= '1' && c <= '9'; }, '0');
  return text;
}

// confd reads the pairs of a section, and provd its documents, without an order.
bool has_no_order(const std::string& where) {
  return last_word(where).ends_with("_options") || last_word(where) == "configs";
}

// `recorded` as a regular expression in which "<token>" is the token that was sent, or any UUID,
// and every other "<...>" is any text.
std::regex pattern_of(const std::string& recorded, const std::string& token) {
  static const std::regex kSpecial(R"([.^$|()\[\]{}*+?\\])");
  std::string pattern = std::regex_replace(recorded, kSpecial, R"(\$&)");
  const std::string any_token = token.empty() ? "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}" : token;
  pattern = std::regex_replace(pattern, std::regex("<token>"), any_token);
  return std::regex(std::regex_replace(pattern, std::regex("<(password|address)>"), "[^ ]+"));
}

bool has_placeholder(const std::string& text) {
  static const std::regex kPlaceholder("<(token|password|address)>");
  return std::regex_search(text, kPlaceholder);
}

Json sorted(const Json& list) {
  std::vector<Json> items(list.begin(), list.end());
  std::ranges::sort(items, {}, [](const Json& item) {
    return item.is_object() ? item.value("id", "") : item.dump();
  });
  return items;
}

}  // namespace

std::string Bindings::applied(std::string text) const {
  for (const auto& [recorded, actual] : actual_)
    for (auto at = text.find(recorded); at != std::string::npos;
         at = text.find(recorded, at + actual.size()))
      text.replace(at, recorded.size(), actual);
  return text;
}

bool Bindings::bind(const std::string& recorded, const std::string& got) {
  if (recorded.size() != got.size() || actual_.contains(recorded)) return false;
  actual_[recorded] = got;
  return true;
}

void Likeness::note(const std::string& where, const std::string& recorded, const std::string& got) {
  differences_.push_back(where + ": recorded " + recorded + ", got " + got);
}

void Likeness::compare_documents(const Json& recorded, const Json& got, const std::string& where) {
  if (recorded.type() != got.type()) return note(where, recorded.dump(), got.dump());
  if (recorded.is_object()) return compare_objects(recorded, got, where);
  if (recorded.is_array()) return compare_lists(recorded, got, where);
  if (recorded.is_string()) return compare_texts(recorded, got, where);
  if (last_word(where) != "timestamp" && recorded != got) note(where, recorded.dump(), got.dump());
}

void Likeness::compare_objects(const Json& recorded, const Json& got, const std::string& where) {
  for (const auto& [key, value] : recorded.items()) {
    if (got.contains(key))
      compare_documents(value, got.at(key), where + "." + key);
    else
      note(where + "." + key, value.dump(), "nothing");
  }
  for (const auto& [key, value] : got.items())
    if (!recorded.contains(key)) note(where + "." + key, "nothing", value.dump());
}

void Likeness::compare_lists(Json recorded, Json got, const std::string& where) {
  if (recorded.size() != got.size()) return note(where, recorded.dump(), got.dump());
  if (has_no_order(where)) {
    recorded = sorted(recorded);
    got = sorted(got);
  }
  for (std::size_t i = 0; i < recorded.size(); ++i)
    compare_documents(recorded[i], got[i], where + "[" + std::to_string(i) + "]");
}

void Likeness::compare_texts(const std::string& recorded, const std::string& got,
                             const std::string& where) {
  const std::string wanted = bindings_.applied(recorded);
  if (wanted == got) return;
  if (has_placeholder(wanted) && std::regex_match(got, pattern_of(wanted, token_))) return;
  if (is_time(where) && shape_of_time(wanted) == shape_of_time(got)) return;
  const bool drawn = drawn_by_the_vendor().contains(recorded) || last_word(where) == "session_uuid";
  if (drawn && bindings_.bind(recorded, got)) return;
  note(where, "'" + wanted + "'", "'" + got + "'");
}

void Likeness::compare_headers(const Recording& recording, const Headers& got) {
  for (const std::string name : {"content-type", "content-length", "location", "allow"}) {
    const auto wanted = recording.answer_headers.find(name);
    const auto found = got.find(name);
    const bool expected = wanted != recording.answer_headers.end();
    if (expected != (found != got.end())) {
      note(name, expected ? "'" + wanted->second + "'" : "nothing",
           expected ? "nothing" : "'" + found->second + "'");
      continue;
    }
    // wazo-auth's errors have the time in them, in as many digits as it takes.
    const bool varies =
        name == "content-length" && recording.service == "auth" && recording.status >= 400;
    if (expected && !varies) compare_texts(wanted->second, found->second, name);
  }
}

}  // namespace tandem::exchanges
