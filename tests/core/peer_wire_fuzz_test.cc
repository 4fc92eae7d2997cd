// Mutates good documents with a fixed seed: what libFuzzer does at length, in a second.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "core/order_text.h"
#include "core/peer_word_text.h"
#include "tests/core/peer_samples.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace tandem {
namespace {

constexpr unsigned kSeed = 20261126;
constexpr int kMutations = 20'000;

const std::vector<std::string>& seeds() {
  static const std::vector<std::string> texts = [] {
    Order until = samples::order(Order::Kind::maintenance);
    until.until = until.at + std::chrono::hours{1};
    PeerWord least;
    least.node = "pbx-a";
    return std::vector<std::string>{to_text(samples::full_word()), to_text(least), to_text(until),
                                    to_text(samples::order(Order::Kind::takeover))};
  }();
  return texts;
}

std::string mutated(std::mt19937& dice) {
  constexpr std::array kPieces = {"null",     "true",
                                  "\"\"",     "{}",
                                  "[]",       "[[[[[[[[[[",
                                  ",",        ":",
                                  "\"",       "\\",
                                  "0",        "-1",
                                  "1e400",    "9007199254740992",
                                  "\xFF",     "\x1B",
                                  "\xC2\x85", "\\u0000",
                                  "\\ud800",  "1970-01-01T00:00:00+23:59"};
  std::string text = seeds()[dice() % seeds().size()];
  for (auto rounds = 1 + dice() % 3; rounds > 0 && !text.empty(); --rounds) {
    const auto at = dice() % text.size();
    const auto length = dice() % 8;
    switch (dice() % 5) {
      case 0: text[at] = static_cast<char>(dice() % 256); break;
      case 1: text.erase(at, length); break;
      case 2: text.insert(at, kPieces[dice() % kPieces.size()]); break;
      case 3: text.replace(at, length, kPieces[dice() % kPieces.size()]); break;
      default: text.insert(at, text.substr(dice() % text.size(), length * 4)); break;
    }
  }
  return text;
}

TEST(PeerWireFuzz, SurvivesMutations) {
  std::mt19937 dice(kSeed);
  for (int i = 0; i < kMutations; ++i) {
    const auto text = mutated(dice);
    SCOPED_TRACE(fmt::format("mutation {} of seed {}", i, kSeed));
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  }
}

}  // namespace
}  // namespace tandem
