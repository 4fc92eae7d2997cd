#include "app/fingerprint.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>

namespace tandem {
namespace {

constexpr std::array<std::string_view, 3> kNumbersThatCount = {"epoch", "generation",
                                                               "observedGeneration"};

// FNV-1a.
class Hash {
 public:
  void add(char c) { value_ = (value_ ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL; }
  void add(std::string_view text) {
    for (const char c : text) add(c);
    add('\0');
  }
  std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325ULL;
};

void add_words(Hash& hash, std::string_view text) {
  for (const char c : text)
    if ((c < '0' || c > '9') && c != '.') hash.add(c);
  hash.add('\0');
}

// As deep as our own documents are.
void add(Hash& hash, std::string_view key, const OrderedJson& value) {
  hash.add(static_cast<char>(value.type()));
  if (value.is_object()) {
    for (const auto& [name, member] : value.items()) {
      hash.add(name);
      add(hash, name, member);
    }
    hash.add('}');
  } else if (value.is_array()) {
    for (const auto& member : value) add(hash, key, member);
    hash.add(']');
  } else if (value.is_string()) {
    add_words(hash, value.get_ref<const std::string&>());
  } else if (value.is_boolean()) {
    hash.add(value.get<bool>() ? '1' : '0');
  } else if (std::ranges::find(kNumbersThatCount, key) != kNumbersThatCount.end()) {
    hash.add(value.dump());
  }
}

}  // namespace

std::uint64_t fingerprint(const OrderedJson& document) {
  Hash hash;
  add(hash, "", document);
  return hash.value();
}

}  // namespace tandem
