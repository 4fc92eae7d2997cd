// The schemas, the program's reader and the files in the tree say the same.
#include "reference/schema.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <set>

#include "core/spec.h"
#include "core/wording.h"
#include "reference/files.h"
#include "tests/reference/documents.h"
#include "tests/reference/schema_check.h"
#include "tests/reference/yaml_as_json.h"

namespace tandem {
namespace {

namespace fs = std::filesystem;

const fs::path kSource = TANDEM_SOURCE_DIR;

std::string file(const fs::path& path) {
  std::ifstream stream(path);
  return {std::istreambuf_iterator<char>(stream), {}};
}

bool is_operator(std::string_view text) {
  return text.find("OperatorConfig") != std::string_view::npos;
}

struct Verdict {
  std::string parser, schema;  // what is wrong; empty: accepted
};

class SchemaTest : public testing::Test {
 protected:
  static const SchemaCheck& check(bool for_operator) {
    static const SchemaCheck pair(file(kSource / "manifests/schema/pair.schema.json"));
    static const SchemaCheck config(file(kSource / "manifests/schema/operator.schema.json"));
    return for_operator ? config : pair;
  }

  static Verdict judge(const std::string& text) {
    Verdict verdict;
    const bool for_operator = is_operator(text);
    const auto note = [&](const auto& parsed) {
      if (parsed) return;
      for (const SpecProblem& problem : parsed.error()) verdict.parser += to_string(problem) + "\n";
    };
    if (for_operator)
      note(parse_operator(text, "f"));
    else
      note(parse_pair(text, "f"));
    const auto json = yaml_as_json(text);
    verdict.schema = json ? check(for_operator).problems(*json) : "no YAML";
    return verdict;
  }
};

TEST(Reference, IsCurrent) {
  for (const GeneratedFile& generated : generated_files())
    EXPECT_EQ(file(kSource / generated.path), generated.text)
        << generated.path << " is out of date; run scripts/reference";
}

// The tables that decide, and their picture, as the page shows them.
TEST(Reference, ShowsTheTablesOfFailoverAsTheyAre) {
  for (const GeneratedPart& part : generated_parts()) {
    const std::string page = file(kSource / part.path);
    EXPECT_EQ(with_part(page, part).value_or("no marks"), page)
        << part.path << " is out of date; run scripts/reference";
    EXPECT_NE(part.text.find("Suspect --> Activating"), std::string::npos);
  }
}

// The first line of each file tells both verdicts.
TEST_F(SchemaTest, AgreesWithTheParserOnTheCorpus) {
  std::map<std::string, int> seen;
  for (const auto& entry : fs::directory_iterator(kSource / "tests/reference/corpus")) {
    const std::string text = file(entry.path());
    std::string wanted = text.substr(2, text.find('\n') - 2);
    wanted = wanted.substr(0, wanted.find(':'));
    const Verdict verdict = judge(text);
    const std::string got =
        fmt::format("parser {}, schema {}", verdict.parser.empty() ? "accepts" : "refuses",
                    verdict.schema.empty() ? "accepts" : "refuses");
    EXPECT_EQ(got, wanted) << entry.path() << "\n" << verdict.parser << verdict.schema;
    ++seen[got];
  }
  EXPECT_GE(seen["parser accepts, schema accepts"], 10);
  EXPECT_GE(seen["parser refuses, schema refuses"], 30);
  EXPECT_GE(seen["parser refuses, schema accepts"], 10);
  EXPECT_EQ(seen.size(), 3U) << "a schema must never refuse what the program accepts";
}

TEST_F(SchemaTest, AcceptsTheExamples) {
  for (const auto* path : {"manifests/pair.example.yaml", "manifests/operator.example.yaml"}) {
    const Verdict verdict = judge(file(kSource / path));
    EXPECT_EQ(verdict.parser, "") << path;
    EXPECT_EQ(verdict.schema, "") << path;
  }
}

// Of every type of YAML value some, and some that are nearly what a field wants.
constexpr const char* kValues[] = {"null",
                                   "~",
                                   "true",
                                   "false",
                                   "\"true\"",
                                   "yes",
                                   "on",
                                   "0",
                                   "1",
                                   "5",
                                   "-1",
                                   "100000000000",
                                   "1.5",
                                   "1e3",
                                   "0x10",
                                   "010",
                                   "\"5\"",
                                   "\"\"",
                                   "text",
                                   "\"two words\"",
                                   "wazo",
                                   "managed",
                                   "automatic",
                                   "5m",
                                   "5 m",
                                   "m5",
                                   "90s",
                                   "1500ms",
                                   "1d2h",
                                   "60",
                                   "50%",
                                   "0%",
                                   "100%",
                                   "101%",
                                   "192.0.2.77",
                                   "192.0.2.256",
                                   "\"2001:db8::1\"",
                                   "pbx-x",
                                   "Pbx-X",
                                   "/srv/x",
                                   "srv/x",
                                   "\"127.0.0.1:9999\"",
                                   "\"127.0.0.1:0\"",
                                   "\"https://pbx.example.org/x\"",
                                   "\"http://127.0.0.1/x\"",
                                   "root@localhost",
                                   "2026-12-01T06:00:00Z",
                                   "\"22:00-06:00\"",
                                   "[]",
                                   "[text]",
                                   "[5]",
                                   "[192.0.2.77]",
                                   "[[/usr/bin/true]]",
                                   "{}",
                                   "{x: 1}",
                                   "{name: pbx-x}"};

void for_each_field(const FieldTree& tree, const std::function<void(const FieldTree&)>& visit) {
  for (const FieldTree& child : tree.children) {
    visit(child);
    for_each_field(child, visit);
  }
}

// Types whose rule a schema can hold to the letter; of texts and durations it holds the form only.
bool is_exact(const FieldTree& tree, std::string_view value) {
  const Field& field = *tree.field;
  if (field.type == Type::text || field.type == Type::duration) return false;
  if (field.path == "spec.failover.flapping.maxTakeovers") return false;  // another field bounds it
  if (value == "010") return false;  // ten to YAML 1.2, eight to YAML 1.1, so refused by us
  // The first word of a command is a program's path, the others are not: no schema of ours says it.
  const bool command = field.type == Type::list && tree.children.front().field->secret;
  return !command;
}

// Fields that only their names tell apart need not all be asked about every value.
std::string signature(const Field& field) {
  return fmt::format("{} {} {} {} {} {}", static_cast<int>(field.type),
                     static_cast<int>(field.format), field.choices, field.nullable, field.at_least,
                     field.one_of);
}

class Asking : public SchemaTest {
 protected:
  void ask(const FieldTree& kind, const FieldTree& tree, const char* value) {
    const Field& field = *tree.field;
    const std::string text = document_with(kind, field, value);
    const Verdict verdict = judge(text);
    ++asked;
    both_accept += verdict.parser.empty() && verdict.schema.empty() ? 1 : 0;
    both_refuse += !verdict.parser.empty() && !verdict.schema.empty() ? 1 : 0;
    const bool narrower = verdict.parser.empty() && !verdict.schema.empty();
    const bool wider = verdict.schema.empty() && !verdict.parser.empty();
    EXPECT_FALSE(narrower) << field.path << ": " << value << "\n" << verdict.schema;
    EXPECT_FALSE(wider && is_exact(tree, value)) << field.path << ": " << value << "\n"
                                                 << verdict.parser;
  }

  std::size_t asked = 0, both_accept = 0, both_refuse = 0;
};

TEST_F(Asking, AgreesOnEveryFieldWithEveryKindOfValue) {
  constexpr std::size_t kEvery = 8;  // of the values, for a field like one before it
  std::set<std::string> known;
  std::size_t number = 0;
  for (const FieldTree* kind : {&pair_fields(), &operator_fields()})
    for_each_field(*kind, [&](const FieldTree& tree) {
      const std::string good = document_with(*kind, *tree.field, good_value(tree));
      EXPECT_EQ(judge(good).parser, "") << tree.field->path << ": " << good;
      const bool fresh = known.insert(signature(*tree.field)).second;
      ++number;
      for (std::size_t i = 0; i < std::size(kValues); ++i)
        if (fresh || (i + number) % kEvery == 0) ask(*kind, tree, kValues[i]);
    });
  fmt::print("schema and parser: {} values, both accept {}, both refuse {}\n", asked, both_accept,
             both_refuse);
  EXPECT_GT(both_accept, 80U);
  EXPECT_GT(both_refuse, 1000U);
}

}  // namespace
}  // namespace tandem
