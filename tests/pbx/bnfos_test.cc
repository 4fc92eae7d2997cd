#include "pbx/bnfos.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace tandem {
namespace {

using Words = std::vector<std::string>;

// As `bnfos --scan -x` writes it, and an administrator goes on.
constexpr const char* kConf =
    "# our switches\n[fos1]\nmac = 00:19:32:00:12:1D\nhost = 10.34.1.50\n#login = "
    "<user>:<password>\n"
    "\n; the second\n[fos2]\r\nmac=00:19:32:00:12:1E\r\nhost=10.34.1.51\r\n"
    "login = admin:s3cret=[x]\r\n[other]\nhost = 1.2.3.4\n";

TEST(Bnfos, ReadsTheDevicesInTheirOrder) {
  const auto devices = parse_bnfos_conf(kConf);
  ASSERT_TRUE(devices.ok());
  EXPECT_EQ(devices.value(),
            (std::vector<IsdnDevice>{{"fos1", "10.34.1.50"}, {"fos2", "10.34.1.51"}}));
  EXPECT_TRUE(parse_bnfos_conf("").value().empty());
}

TEST(Bnfos, SaysWhatIsWrongButNeverALogin) {
  const Error twice = parse_bnfos_conf("[fos1]\n[fos2]\n[fos1]\n").error();
  EXPECT_EQ(twice.fault, Fault::invalid);
  EXPECT_EQ(twice.message, "line 3: the device fos1 is there twice");
  const Error broken = parse_bnfos_conf("[fos1]\nlogin admin:s3cret\n").error();
  EXPECT_EQ(broken.message, "line 2: neither a [section] nor KEY = VALUE");
  EXPECT_EQ(parse_bnfos_conf("[fos1\n").error().fault, Fault::invalid);
  std::string many;
  for (std::size_t i = 0; i <= kIsdnDevicesMax; ++i) many += "[fos" + std::to_string(i) + "]\n";
  EXPECT_EQ(parse_bnfos_conf(many).error().fault, Fault::invalid);
}

// The name becomes a word of a command.
TEST(Bnfos, TakesNoSectionForADeviceThatIsNotFosAndANumber) {
  for (const char* section : {"fos", "fosx", "fos-1", "fos1 -h", "fos1234", "Fos1", "--set"})
    EXPECT_TRUE(parse_bnfos_conf(std::string("[") + section + "]\nhost=a\n").value().empty())
        << section;
}

TEST(Bnfos, SwitchesByTheVendorsProgram) {
  EXPECT_EQ(switch_command("/usr/bin/bnfos", "fos1", LinesTo::primary),
            (Words{"/usr/bin/bnfos", "--set", "mode=1", "-f", "fos1"}));
  EXPECT_EQ(switch_command("/usr/bin/bnfos", "fos2", LinesTo::secondary),
            (Words{"/usr/bin/bnfos", "--set", "mode=0", "-f", "fos2"}));
}

TEST(Bnfos, ReadsAPositionOrSaysThatItIsUnknown) {
  for (const char* text : {"1", "1\n", "mode=1", " mode = 1\r\n"})
    EXPECT_EQ(lines_in(text), LinesTo::primary) << text;
  for (const char* text : {"0", "mode=0\n"}) EXPECT_EQ(lines_in(text), LinesTo::secondary) << text;
  for (const char* text : {"", "2", "10", "mode=", "mode=1 mode=0", "error 1", "Mode=1"})
    EXPECT_EQ(lines_in(text), LinesTo::unknown) << text;
}

TEST(Bnfos, PutsTheDeviceIntoTheReadingCommand) {
  EXPECT_EQ(read_command({"/opt/read", "-d", "{device}", "x{device}{device}"}, "fos1"),
            (Words{"/opt/read", "-d", "fos1", "xfos1fos1"}));
  EXPECT_EQ(read_command({}, "fos1"), Words{});
}

TEST(Bnfos, SurvivesAnyText) {
  std::mt19937 dice(20261126);
  const std::string pieces[] = {"[fos1]",
                                "[",
                                "]",
                                "\n",
                                "=",
                                "host",
                                "login=a:b",
                                " ",
                                "#",
                                "\r",
                                std::string(1, '\0'),
                                "\xFF",
                                "[fos2]\n",
                                "mac = 1\n"};
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (auto count = dice() % 20; count > 0; --count) text += pieces[dice() % std::size(pieces)];
    const auto devices = parse_bnfos_conf(text);
    if (!devices.ok()) {
      EXPECT_EQ(devices.error().message.find("a:b"), std::string::npos);
      continue;
    }
    for (const IsdnDevice& device : devices.value())
      EXPECT_TRUE(device.name == "fos1" || device.name == "fos2") << device.name;
  }
}

}  // namespace
}  // namespace tandem
