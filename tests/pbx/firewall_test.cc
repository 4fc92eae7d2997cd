#include "pbx/firewall.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

constexpr const char* kRule = "-A INPUT -p udp -m udp --dport 5060 -j DROP\n";

TEST(Firewall, CountsTheRulesThatTheVendorsStopLeaves) {
  EXPECT_EQ(blocking_rules("", 5060), 0U);
  EXPECT_EQ(blocking_rules("-P INPUT ACCEPT\n", 5060), 0U);
  EXPECT_EQ(blocking_rules(std::string("-P INPUT DROP\n") + kRule + kRule, 5060), 2U);
}

TEST(Firewall, CountsNoRuleThatIsNarrowerOrOfAnotherKind) {
  for (const char* rule :
       {"-A INPUT -s 203.0.113.9/32 -p udp -m udp --dport 5060 -j DROP",
        "-A INPUT -i eth1 -p udp -m udp --dport 5060 -j DROP",
        "-A INPUT -p udp -m udp --dport 5061 -j DROP",
        "-A INPUT -p udp -m udp --dport 5060 -j ACCEPT",
        "-A INPUT -p tcp -m tcp --dport 5060 -j DROP",
        "-A FORWARD -p udp -m udp --dport 5060 -j DROP",
        "-A INPUT -p udp -m udp ! --dport 5060 -j DROP",
        "-A INPUT -p udp -m multiport --dports 5060,5061 -j f2b-asterisk",
        "-A INPUT -p udp -m limit --limit 5/min -m udp --dport 5060 -j DROP", "-A INPUT -j DROP",
        "-A", "# -A INPUT -p udp -m udp --dport 5060 -j DROP"})
    EXPECT_EQ(blocking_rules(rule, 5060), 0U) << rule;
}

TEST(Firewall, OnlyListsAndNeverChanges) {
  const auto argv = list_input_rules();
  EXPECT_EQ(argv.front(), "/usr/sbin/iptables");
  EXPECT_EQ(argv.back(), "INPUT");
  EXPECT_EQ(argv.at(argv.size() - 2), "-S");
}

}  // namespace
}  // namespace tandem
