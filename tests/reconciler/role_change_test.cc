#include "reconciler/role_change.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

HAPair pair() {
  HAPair pair;
  pair.primary = {"pbx-a", "192.0.2.10", {}};
  pair.secondary = {"pbx-b", "192.0.2.11", {}};
  return pair;
}

// The one note there is.
std::string note(const HAPair& wanted, const char* node) {
  const auto notes = role_change_notes(pair(), wanted, node);
  EXPECT_EQ(notes.size(), 1U);
  return notes.empty() ? "" : notes.front();
}

void expect_contains(const std::string& text, const char* part) {
  EXPECT_NE(text.find(part), std::string::npos) << text;
}

TEST(RoleChange, HasNothingToSayOfOtherEdits) {
  HAPair wanted = pair();
  wanted.changes_allow = Reach::file;
  wanted.failover.owner = Owner::tandem;
  EXPECT_TRUE(role_change_notes(pair(), wanted, "pbx-a").empty());
  EXPECT_TRUE(role_change_notes(pair(), pair(), "somebody").empty());
}

TEST(RoleChange, NamesTheCommandThatMakesAFormerSecondaryStandAlone) {
  HAPair wanted = pair();
  wanted.enabled = false;
  for (const char* node : {"pbx-a", "pbx-b"}) {
    expect_contains(note(wanted, node), "/usr/sbin/xivo-manage-slave-services start");
    expect_contains(note(wanted, node), "no telephony service is started or stopped");
  }
}

TEST(RoleChange, SaysWhatBecomesOfTheDatabase) {
  HAPair wanted = pair();
  std::swap(wanted.primary, wanted.secondary);
  expect_contains(note(wanted, "pbx-b"), "was the secondary and becomes the primary");
  expect_contains(note(wanted, "pbx-a"), "its database will be overwritten");
  HAPair off = pair();
  off.enabled = false;
  EXPECT_EQ(role_change_notes(off, pair(), "pbx-b").size(), 1U);
  expect_contains(role_change_notes(off, pair(), "pbx-b").front(), "will be overwritten");
}

TEST(RoleChange, TellsAddressesApart) {
  HAPair wanted = pair();
  wanted.primary.address = "192.0.2.20";
  expect_contains(note(wanted, "pbx-a"), "this node's address changes from 192.0.2.10");
  expect_contains(note(wanted, "pbx-b"), "the other node's address changes from 192.0.2.10");
}

TEST(RoleChange, AsksToReleaseBeforeAnotherProduct) {
  HAPair wanted = pair();
  wanted.product = Product::xivo;
  expect_contains(note(wanted, "pbx-a"), "tandem release");
}

}  // namespace
}  // namespace tandem
