// Mutates good files with a fixed seed: what libFuzzer does at length, in a second.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "tests/core/spec_samples.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace tandem {
namespace {

constexpr unsigned kSeed = 20260101;
constexpr int kMutations = 20'000;

const std::vector<std::string>& seeds() {
  static const std::vector<std::string> texts = {
      samples::pair("  sip: { expiry: { minimum: 1m, maximum: 2m, default: 90s } }\n"),
      samples::pair(
          "  failover: { witnesses: [&w 192.0.2.1], failback: { window: 22:00-06:00 } }\n"),
      samples::pair(
          "  notify: [{ mail: a@b }, { exec: [/bin/x] }]\n  hooks: { afterTakeover: [[/a]] }\n"),
      samples::pair("  suspend: { reason: \"x y\", until: 2026-12-01T06:00:00Z }\n"),
      samples::pair(
          "  provisioning: { registrars: { a: ignore } }\n  replication: { files: {} }\n"),
      samples::operator_config(
          "  listenTls: { address: 0.0.0.0:1, certificate: /a, key: /b, ca: /c }\n"),
      samples::operator_config("  postgres: { dsn: 'host=a user=b' }\n  keep: { events: 9d }\n"),
      "username: a\npassword: \"b\"\n",
  };
  return texts;
}

std::string mutated(std::mt19937& dice) {
  constexpr std::array kPieces = {
      ":",     ": ",    "\n",    "  ", "- ",     "[",    "]",        "{",    "}",
      "\"",    "'",     "&w ",   "*w", "!",      "|",    ">",        "%",    "~",
      "#",     "---\n", "...\n", "? ", "<<: *w", "null", "\xC3\xA9", "\xFF", "999999999999",
      "\\x00", "\t",    "\r\n"};
  std::string text = seeds()[dice() % seeds().size()];
  for (auto rounds = 1 + dice() % 4; rounds > 0 && !text.empty(); --rounds) {
    const auto at = dice() % text.size();
    const auto length = dice() % 8;
    switch (dice() % 4) {
      case 0: text[at] = static_cast<char>(dice() % 256); break;
      case 1: text.erase(at, length); break;
      case 2: text.insert(at, kPieces[dice() % kPieces.size()]); break;
      default: text.insert(at, text.substr(dice() % text.size(), length * 4)); break;
    }
  }
  return text;
}

TEST(SpecFuzz, SurvivesMutations) {
  std::mt19937 dice(kSeed);
  for (int i = 0; i < kMutations; ++i) {
    const auto text = mutated(dice);
    SCOPED_TRACE(fmt::format("mutation {} of seed {}", i, kSeed));
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  }
}

}  // namespace
}  // namespace tandem
