#include "core/peer_word_text.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/core/peer_samples.h"

namespace tandem {
namespace {

nlohmann::json good() { return nlohmann::json::parse(to_text(samples::full_word())); }

TEST(PeerWordText, ComesBackAsItWas) {
  EXPECT_EQ(parse_peer_word(to_text(samples::full_word())).value(), samples::full_word());
  PeerWord least;
  least.node = "pbx-a";
  EXPECT_EQ(parse_peer_word(to_text(least)).value(), least);
}

// The other node may be of a newer version.
TEST(PeerWordText, PassesOverWhatItDoesNotKnow) {
  auto json = good();
  json["moodOfTheDay"] = {{"good", true}};
  EXPECT_EQ(parse_peer_word(json.dump()).value(), samples::full_word());
}

TEST(PeerWordText, GoesWithoutWhatLaterVersionsAdded) {
  auto json = good();
  for (const char* field :
       {"specSince", "wantedSha256", "notWell", "lastOrder", "lastOrderResult", "productVersion"})
    json.erase(field);
  EXPECT_EQ(parse_peer_word(json.dump()).value().node, "pbx-b");
}

TEST(PeerWordText, RefusesAMissingFieldByName) {
  for (const char* field : {"apiVersion", "kind", "pair", "node", "role", "state", "epoch", "cause",
                            "sip", "trouble", "impaired", "upgrading", "hearsUs", "hearsOurSip",
                            "maintenance", "suspension", "specSha256", "tandemVersion", "bootId"}) {
    auto json = good();
    json.erase(field);
    const auto word = parse_peer_word(json.dump());
    ASSERT_FALSE(word.ok()) << field;
    EXPECT_NE(word.error().message.find(field), std::string::npos) << word.error().message;
  }
}

TEST(PeerWordText, RefusesWrongValues) {
  const std::pair<const char*, nlohmann::json> wrong[] = {
      {"apiVersion", "tandem.ha/v2"},
      {"kind", "HAPair"},
      {"node", ""},
      {"node", "pbx\nb"},
      {"node",
       "pbx\xC2\x9B"
       "b"},
      {"node", "pbx\u202eb"},
      {"node", std::string(300, 'x')},
      {"role", "boss"},
      {"state", "Sleeping"},
      {"state", 3},
      {"epoch", -1},
      {"epoch", 1.5},
      {"epoch", "7"},
      {"epoch", std::uint64_t{1} << 60U},
      {"sip", "Maybe"},
      {"impaired", "postgresql"},
      {"impaired", nlohmann::json::array({""})},
      {"impaired", std::vector<std::string>(40, "x")},
      {"upgrading", "no"},
      {"maintenance", true},
      {"maintenance", {{"reason", "x"}, {"until", "tomorrow"}, {"takeOver", true}}},
      {"suspension", {{"reason", "x"}}},
      {"specSha256", "abc"},
      {"specSha256", std::string(64, 'G')},
      {"specSince", "1970-01-01T00:00:00+10:00"},
  };
  for (const auto& [field, value] : wrong) {
    auto json = good();
    json[field] = value;
    EXPECT_FALSE(parse_peer_word(json.dump()).ok()) << field << " " << value;
  }
}

TEST(PeerWordText, RefusesWhatIsNotOneBoundedObject) {
  EXPECT_EQ(parse_peer_word(std::string(kPeerWordBytesMax + 1, ' ')).error().fault,
            Fault::too_large);
  for (const std::string text : {"", "[]", "null", "{", "{} {}", R"({"node":"a","node":"b"})",
                                 "\xFF", R"({"x":[[[[[[[[[[1]]]]]]]]]]})"})
    EXPECT_FALSE(parse_peer_word(text).ok()) << text;
}

TEST(PeerWordText, RefusesAFieldTwiceThoughEachIsGood) {
  auto text = good().dump();
  text.insert(1, R"("node":"pbx-c",)");
  const auto word = parse_peer_word(text);
  ASSERT_FALSE(word.ok());
  EXPECT_NE(word.error().message.find("twice"), std::string::npos);
}

// A reason that an administrator typed, however long or odd, must not silence the link.
TEST(PeerWordText, CutsWhatTheReaderWouldRefuse) {
  auto word = samples::full_word();
  word.suspension->reason = "two\nlines\x1B[2J " + std::string(2000, 'x') + "\xC3";
  word.last_order_result = "\xFF\xC2\x85";
  word.impaired.assign(100, "unit");
  word.not_well.assign(1000, std::string(400, 'y'));
  word.suspension->until = WallTime::max();
  const auto read = parse_peer_word(to_text(word));
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_TRUE(read.value().suspension->reason.starts_with("two lines [2J xxx"));
  EXPECT_EQ(read.value().state, word.state);
}

}  // namespace
}  // namespace tandem
