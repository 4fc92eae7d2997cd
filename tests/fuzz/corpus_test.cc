// Each file of the corpus once through its target, and a few thousand mutations of them with a
// fixed seed: what libFuzzer found stays mended, and its next find may come without it.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "tests/fuzz/targets.h"

namespace tandem::fuzz {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kSeed = 20261127;
constexpr int kMutations = 2'000;
constexpr std::size_t kFilesMax = 60;
constexpr std::size_t kBytesMax = 8U << 10U;

struct CorpusFile {
  std::string name, text;
};

std::vector<CorpusFile> corpus_of(std::string_view target) {
  std::vector<CorpusFile> files;
  for (const auto& entry : fs::directory_iterator(fs::path(TANDEM_CORPUS) / target)) {
    std::ifstream file(entry.path(), std::ios::binary);
    files.push_back(
        {entry.path().filename().string(), std::string(std::istreambuf_iterator<char>(file), {})});
  }
  std::sort(files.begin(), files.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return files;
}

// What steers one of the formats, and what none of them expects.
std::string mutated(const std::vector<CorpusFile>& seeds, std::mt19937& dice) {
  static constexpr std::array kPieces = {
      ":",    "\n",   "\r\n",    "  ",      "- ",       "[",  "]",    "{",    "}",
      "\"",   "'",    "&w ",     "*w",      "!",        "|",  "%",    "#",    "---\n",
      "null", "true", "[[[[[[",  "\xFF",    "\x1B",     "\\", "\\\n", "1e99", "9007199254740992",
      "-1",   "0",    "\\u0000", "\\ud800", "\xC2\x85", "=",  "\t",   "//",   "../"};
  std::string text = seeds[dice() % seeds.size()].text;
  for (auto rounds = 1 + dice() % 4; rounds > 0 && !text.empty(); --rounds) {
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

class Fuzz : public testing::TestWithParam<Target> {};

// An abort tells the name of the file: it is the last one on standard error.
TEST_P(Fuzz, TakesItsCorpus) {
  const auto files = corpus_of(GetParam().name);
  ASSERT_FALSE(files.empty());
  EXPECT_LE(files.size(), kFilesMax) << "a corpus in the tree is small";
  for (const auto& file : files) {
    EXPECT_LE(file.text.size(), kBytesMax) << file.name;
    std::fprintf(stderr, "%s/%s\n", std::string(GetParam().name).c_str(), file.name.c_str());
    GetParam().run(file.text);
  }
}

TEST_P(Fuzz, SurvivesMutations) {
  const auto files = corpus_of(GetParam().name);
  ASSERT_FALSE(files.empty());
  std::mt19937 dice(kSeed);
  for (int i = 0; i < kMutations; ++i) {
    SCOPED_TRACE("mutation " + std::to_string(i));
    GetParam().run(mutated(files, dice));
  }
}

INSTANTIATE_TEST_SUITE_P(Targets, Fuzz, testing::ValuesIn(kTargets),
                         [](const auto& one) { return std::string(one.param.name); });

}  // namespace
}  // namespace tandem::fuzz
