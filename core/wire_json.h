// Strict reading of small JSON objects that the other node sent: bounded, no member twice, no text
// that could act on a terminal. Messages name the field, never what stood in it.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/pair.h"
#include "core/result.h"

namespace tandem {

inline constexpr int kWireDepthMax = 8;

// The object that `text` is. `what` is said in messages: "the word of the other node". too_large,
// invalid.
Result<nlohmann::json> parse_wire_object(std::string_view text, std::size_t bytes_max,
                                         std::string_view what);

// Takes the members of an object one by one. The first thing that is wrong is kept, and everything
// read after it is worth nothing.
class WireReader {
 public:
  enum class Presence { required, optional };

  // `object` must outlive the reader.
  WireReader(const nlohmann::json& object, std::string what);

  // At most `length_max` bytes in one line; "" where an optional one is absent.
  std::string text(const char* field, std::size_t length_max,
                   Presence presence = Presence::required);
  // A required text that is not empty.
  std::string word(const char* field, std::size_t length_max);
  bool flag(const char* field);
  // 0 to 2^53 - 1, the integers that every JSON reader holds exactly.
  std::uint64_t count(const char* field);
  // The epoch where an optional one is absent.
  WallTime time(const char* field, Presence presence = Presence::required);
  std::vector<std::string> words(const char* field, std::size_t items_max, std::size_t length_max,
                                 Presence presence = Presence::required);
  // nullptr: the member is null.
  const nlohmann::json* object_or_null(const char* field);
  // "" or a SHA-256 in hexadecimal.
  std::string digest(const char* field, Presence presence = Presence::required);

  // What one of our enums calls `field`: `of_name` gives nullopt for a name that it has not.
  template <class Enum>
  Enum choice(const char* field, std::optional<Enum> (*of_name)(std::string_view)) {
    const auto value = of_name(word(field, kWordMax));
    if (!value) refuse(field, "a word that is not known here");
    return value.value_or(Enum{});
  }

  // Refuses every member that was not asked for.
  void refuse_others();
  void refuse(const char* field, std::string_view why);
  // Takes over what is wrong inside a member.
  void refuse(const Error& error);

  const std::optional<Error>& error() const { return error_; }

 private:
  static constexpr std::size_t kWordMax = 40;

  // nullptr: absent, which is an error where it is required.
  const nlohmann::json* member(const char* field, Presence presence);

  const nlohmann::json& object_;
  std::string what_;
  std::set<std::string> asked_;
  std::optional<Error> error_;
};

}  // namespace tandem
