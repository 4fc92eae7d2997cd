// Mutates good and broken files with a fixed seed: what libFuzzer does at length, in a second.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace tandem {
namespace {

constexpr unsigned kSeed = 20260102;
constexpr int kMutations = 2'000;

const std::vector<std::string>& seeds() {
  static const std::vector<std::string> texts = {
      "# comment\n\nlocal all postgres peer\n# IPv4:\nhost all all 127.0.0.1/32 scram-sha-256\n",
      "local all all peer\r\nhost all all 0.0.0.0/0 md5\r\n",
      "host asterisk tandem 10.0.0.1/32 scram-sha-256 # kept by Tandem\nhost all all ::1/128 md5\n"
      "host asterisk postgres 10.0.0.1/32 trust\n",
      "host all \"a # b\" 10.0.0.0/8 \\\n reject\n@include x\ninclude_dir 'y'\n",
      "data_directory = '/x'\n#listen_addresses = 'localhost'\t# comment;\nport = 5432\n",
      "listen_addresses = 'localhost, 10.0.0.5'\nlisten_addresses = 'localhost, 10.0.0.5, "
      "10.0.0.2' "
      "# kept by Tandem\ninclude_dir = 'conf.d'",
      "port = 1\nlisten_addresses = 'x' # kept by Tandem, with the end of the line before\n",
  };
  return texts;
}

std::string mutated(std::mt19937& dice) {
  constexpr std::array kPieces = {
      "\n",
      "\r\n",
      "\r",
      "\\",
      "\\\n",
      "#",
      "\"",
      "'",
      " # kept by Tandem",
      " # kept by Tandem, with the end of the line before",
      "host asterisk postgres ",
      "/32 trust",
      "host asterisk postgres 10.0.0.1/32 trust\n",
      "host asterisk tandem 10.0.0.1/32 scram-sha-256 # kept by Tandem\n",
      "listen_addresses = '*'\n",
      "LISTEN_ADDRESSES='1.2.3.4' # kept by Tandem",
      "include 'x'\n",
      "local",
      "\t",
      "  "};
  std::string text = seeds()[dice() % seeds().size()];
  for (auto rounds = 1 + dice() % 5; rounds > 0 && !text.empty(); --rounds) {
    const auto at = dice() % text.size();
    const auto length = dice() % 8;
    switch (dice() % 4) {
      case 0: text[at] = static_cast<char>(dice() % 256); break;
      case 1: text.erase(at, length); break;
      case 2: text.insert(at, kPieces[dice() % kPieces.size()]); break;
      default: text.insert(at, text.substr(dice() % text.size(), length * 6)); break;
    }
  }
  return text;
}

TEST(PostgresFilesFuzz, SurvivesMutations) {
  std::mt19937 dice(kSeed);
  for (int i = 0; i < kMutations; ++i) {
    const auto text = mutated(dice);
    SCOPED_TRACE("mutation " + std::to_string(i) + " of seed " + std::to_string(kSeed));
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  }
}

}  // namespace
}  // namespace tandem
