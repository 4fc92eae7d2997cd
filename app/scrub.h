// Takes secrets out of texts that leave the node: those that are known here, and what looks like
// one.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/fields.h"

namespace tandem {

class Scrubber {
 public:
  static constexpr std::string_view kMask = "(not shown)";
  // Shorter ones are left out: they would take innocent words away.
  static constexpr std::size_t kSecretMin = 3;
  // Shorter ones may be a word of ours ("tandem"): they are taken where a value may stand, which is
  // as a whole word behind a quote, ':' or '=', and not out of paths, names and sentences.
  static constexpr std::size_t kAnywhereMin = 8;

  // Never shown again, whichever text it stands in.
  void add(std::string secret);
  // Without them, without private keys, and without what looks like a secret: scrub_text.h.
  std::string clean(std::string text) const;

 private:
  std::vector<std::string> secrets_;  // the longest first
};

// A declaration or an operator file as JSON, without the values of the fields that may hold a
// secret; of an argv the program stays, of a URL its host. What was taken away is told to
// `scrubber`.
nlohmann::ordered_json without_secrets(nlohmann::ordered_json document, const FieldTree& fields,
                                       Scrubber& scrubber);

// User, password, path and query taken out of an URL: "https://host:1/(not shown)".
std::string host_of_url(const std::string& url);

}  // namespace tandem
