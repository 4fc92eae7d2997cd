#include "pbx/ha_files.h"

#include <gtest/gtest.h>

#include <string>

namespace tandem {
namespace {

const Profile& wazo() { return profile_of(Product::wazo); }

TEST(HaFiles, WriteHaConfAsThePythonOfTheVendorDoes) {
  EXPECT_EQ(ha_conf_content(Role::primary, "10.0.0.2"),
            R"({"node_type": "master", "remote_address": "10.0.0.2"})");
  EXPECT_EQ(ha_conf_content(Role::primary, "10.0.0.2").size(), 53u) << "contract, section 1";
  EXPECT_EQ(ha_conf_content(Role::secondary, "10.0.0.1"),
            R"({"node_type": "slave", "remote_address": "10.0.0.1"})");
}

TEST(HaFiles, NameNoOtherNodeOnceOff) {
  EXPECT_EQ(ha_conf_content(Role::off, "10.0.0.2"),
            R"({"node_type": "disabled", "remote_address": ""})");
}

TEST(HaFiles, WriteTheCronFilesWithOneNewlineALine) {
  EXPECT_EQ(master_cron_content(wazo(), "10.0.0.2"),
            "0 * * * * root /usr/sbin/xivo-master-slave-db-replication 10.0.0.2 >/dev/null\n"
            "0 * * * * root /usr/bin/wazo-sync >/dev/null\n");
  EXPECT_EQ(slave_cron_content(wazo(), "10.0.0.1"),
            "* * * * * root /usr/sbin/xivo-check-master-status 10.0.0.1 >/dev/null\n");
}

TEST(HaFiles, CallXivosOwnFileCopyOnXivo) {
  EXPECT_EQ(master_cron_content(profile_of(Product::xivo), "10.0.0.2"),
            "0 * * * * root /usr/sbin/xivo-master-slave-db-replication 10.0.0.2 >/dev/null\n"
            "0 * * * * root /usr/bin/xivo-sync >/dev/null\n");
}

TEST(HaFiles, ReadBothFieldsOfWhatTheyWrite) {
  const auto seen = read_ha_conf(ha_conf_content(Role::secondary, "10.0.0.1"));
  EXPECT_EQ(seen.node_type, "slave");
  EXPECT_EQ(seen.remote_address, "10.0.0.1");
}

TEST(HaFiles, TellHowAFileIsDamaged) {
  const auto read = [](std::string_view content) { return read_ha_conf(content).node_type; };
  EXPECT_EQ(read(""), "damaged: empty");
  EXPECT_EQ(read(R"({"node_type": "mas)"), "damaged: not JSON");
  EXPECT_EQ(read("\xFF\xFE"), "damaged: not JSON");
  EXPECT_EQ(read(std::string_view("{}\0", 3)), "damaged: not JSON");
  EXPECT_EQ(read("{\"node_type\": \"\xC3\x28\"}"), "damaged: not JSON");
  EXPECT_EQ(read("{} {}"), "damaged: not JSON");
  EXPECT_EQ(read("\xEF\xBB\xBF{}"), "damaged: a byte order mark before the JSON");
  EXPECT_EQ(read("[1]"), "damaged: JSON, but not an object");
  EXPECT_EQ(read("null"), "damaged: JSON, but not an object");
  EXPECT_EQ(read_ha_conf("").remote_address, "damaged: empty");
}

TEST(HaFiles, ReadWhateverStandsInAField) {
  const auto read = [](const std::string& value) {
    return read_ha_conf(R"({"node_type": )" + value + "}").node_type;
  };
  EXPECT_EQ(read_ha_conf("{}").node_type, "missing");
  EXPECT_EQ(read("null"), "null");
  EXPECT_EQ(read("true"), "true");
  EXPECT_EQ(read("5"), "5");
  EXPECT_EQ(read("[1, 2]"), "a list");
  EXPECT_EQ(read(R"({"a": 1})"), "an object");
  EXPECT_EQ(read(R"("")"), R"("")");
  EXPECT_EQ(read(R"("primary")"), "primary");
  EXPECT_EQ(read(R"("a\u001b[31m\nb")"), R"(a\x1b[31m\nb)");
}

TEST(HaFiles, TakeTheLastOfEqualKeysLikeTheVendor) {
  const auto seen = read_ha_conf(R"({"node_type": "slave", "node_type": "master"})");
  EXPECT_EQ(seen.node_type, "master");
  EXPECT_EQ(seen.style, "node_type twice");
}

TEST(HaFiles, TellWhatElseIsUnlikeTheVendor) {
  const auto style = [](std::string_view content) { return read_ha_conf(content).style; };
  EXPECT_EQ(style(R"({"node_type": "master", "z": 1, "remote_address": ""})"), "another key: z");
  EXPECT_EQ(style(R"({"node_type":"master","remote_address":""})"),
            "other spacing, spelling or order");
  EXPECT_EQ(style(R"({"node_type": {"z": 1}, "remote_address": ""})"),
            "other spacing, spelling or order");
}

TEST(HaFiles, SurviveDeepNesting) {
  const std::string deep(60'000, '[');
  EXPECT_EQ(read_ha_conf(deep).node_type, "damaged: not JSON");
  const auto nested = [](std::size_t depth) {
    return R"({"node_type": )" + std::string(depth, '[') + std::string(depth, ']') + "}";
  };
  EXPECT_EQ(read_ha_conf(nested(50)).node_type, "a list");
  EXPECT_EQ(read_ha_conf(nested(30'000)).node_type, "damaged: not JSON");
}

TEST(HaFiles, TellWhatACronFileDoes) {
  EXPECT_EQ(cron_meaning(wazo(), master_cron_content(wazo(), "10.0.0.2")),
            "hourly replication to 10.0.0.2");
  EXPECT_EQ(cron_meaning(wazo(), slave_cron_content(wazo(), "10.0.0.1")),
            "failure detection of 10.0.0.1");
  EXPECT_EQ(cron_meaning(wazo(), slave_cron_content(wazo(), "")), R"(failure detection of "")");
  EXPECT_EQ(cron_meaning(wazo(), "# off\n"), R"(# off\n)");
  EXPECT_EQ(cron_meaning(wazo(), ""), "empty");
}

TEST(HaFiles, ShowAtMostSixtyPrintableCharacters) {
  EXPECT_EQ(excerpt(std::string(60, 'a')), std::string(60, 'a'));
  EXPECT_EQ(excerpt(std::string(61, 'a')), std::string(57, 'a') + "...");
  EXPECT_EQ(excerpt("\r\t\x7F\xE2\x80\xAE"), R"(\r\t\x7f\xe2\x80\xae)");
  // An escape is never cut in two.
  EXPECT_EQ(excerpt(std::string(55, 'a') + "\x01" + std::string(9, 'b')),
            std::string(55, 'a') + "...");
}

TEST(HaFiles, ShowAModeAsChmodTakesIt) {
  EXPECT_EQ(mode_text(0644), "0644");
  EXPECT_EQ(mode_text(0), "0000");
  EXPECT_EQ(mode_text(04755), "4755");
}

}  // namespace
}  // namespace tandem
