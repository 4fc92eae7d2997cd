#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "reconciler/failover/memory_keeper.h"
#include "tests/fakes/memory_slot_device.h"

namespace tandem {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

WallTime at(std::int64_t count) { return WallTime(milliseconds{count}); }

FailoverMemory full_memory() {
  FailoverMemory memory;
  memory.state = NodeState::latched;
  memory.state_since = at(1'700'000'000'123);
  memory.epoch = (std::uint64_t{1} << 63U) + 1;
  memory.cause = TakeoverCause::service_down;
  memory.fault_of_activation = memory.held = memory.failback_ordered = memory.start_again = true;
  memory.maintenance = Maintenance{"new \"memory\", \u00e9", at(1'800'000'000'000), true, true};
  memory.announced = Maintenance{"reboot", at(1'800'000'001'000), false, false};
  memory.suspension = Suspension{"works", at(1'800'000'002'000)};
  memory.sip_seen = memory.witness_usable = true;
  memory.pair_key = "pbx-a 192.0.2.10 primary|pbx-b 192.0.2.11 secondary";
  memory.failbacks = {at(1), at(2)};
  memory.boot_id = "b";
  memory.activation_xid = 0;
  memory.orders = {{"id-one", "done"}, {"id-two", "refused: no"}};
  memory.expiry = {std::chrono::minutes{5}, {{std::chrono::hours{1}, std::chrono::hours{2}}}};
  return memory;
}

TEST(FailoverMemoryText, ComesBackAsItWas) {
  for (const FailoverMemory& memory : {FailoverMemory{}, full_memory()}) {
    const auto read = memory_of_text(to_text(memory));
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(read.value(), memory);
  }
}

TEST(FailoverMemoryText, NamesEachState) {
  for (std::size_t i = 0; i < kNodeStates; ++i) {
    FailoverMemory memory;
    memory.state = static_cast<NodeState>(i);
    const auto read = memory_of_text(to_text(memory));
    ASSERT_TRUE(read.ok()) << i;
    EXPECT_EQ(read.value().state, memory.state);
  }
}

// Whatever people and other nodes say, the slot takes it.
TEST(FailoverMemoryText, TheLargestFitsInASlot) {
  for (const char* piece : {"\"", "\xff", "\n", "\u00e9", "x"}) {
    std::string text;
    for (int i = 0; i < 2000; ++i) text += piece;
    FailoverMemory memory = full_memory();
    memory.maintenance->reason = memory.announced->reason = memory.suspension->reason = text;
    memory.pair_key = memory.boot_id = text;
    memory.failbacks.assign(100, at(7'000'000'000'000));
    memory.orders.assign(100, {text, text});
    const std::string kept = to_text(memory);
    EXPECT_LE(kept.size(), SlotFile::kContentMax);
    const auto read = memory_of_text(kept);
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(read.value().orders.size(), FailoverMemory::kOrdersMax);
    EXPECT_EQ(to_text(read.value()), kept) << "what was cut once is not cut again";
  }
}

TEST(FailoverMemoryText, IsStrict) {
  const auto edited = [](const char* pointer, nlohmann::json value) {
    auto json = nlohmann::json::parse(to_text(full_memory()));
    json[nlohmann::json::json_pointer(pointer)] = std::move(value);
    return memory_of_text(json.dump());
  };
  EXPECT_TRUE(edited("/epoch", 3).ok());
  EXPECT_FALSE(edited("/epoch", -3).ok());
  EXPECT_FALSE(edited("/epoch", 3.5).ok());
  EXPECT_FALSE(edited("/state", "active").ok());
  EXPECT_FALSE(edited("/state", 3).ok());
  EXPECT_FALSE(edited("/sipSeen", 1).ok());
  EXPECT_FALSE(edited("/surprise", 1).ok());
  EXPECT_FALSE(edited("/maintenance/surprise", 1).ok());
  EXPECT_FALSE(edited("/maintenance/until", -1).ok());
  EXPECT_FALSE(edited("/stateSince", 1e300).ok());
  EXPECT_FALSE(edited("/suspension", nlohmann::json::array()).ok());
  EXPECT_FALSE(edited("/orders/0", "id-one").ok());
  EXPECT_FALSE(edited("/expiry/current", -1).ok());
  EXPECT_FALSE(edited("/expiry/past/0/until", "soon").ok());
  EXPECT_FALSE(edited("/failbacks", nlohmann::json(std::vector<int>(33, 1))).ok());
  const auto whole = nlohmann::json::parse(to_text(full_memory()));
  for (const auto& [key, value] : whole.items()) {
    auto less = whole;
    less.erase(key);
    const bool later = key == "expiry";  // the first nodes did not write it
    EXPECT_EQ(memory_of_text(less.dump()).ok(), later) << "without " << key;
  }
  for (const char* text : {"", "null", "[]", "{}", "{", R"({"version":0})", R"({"version":"1"})"})
    EXPECT_FALSE(memory_of_text(text).ok()) << text;
}

// Whatever the bytes are, they are refused or read to something that can be kept again.
TEST(FailoverMemoryText, TakesNoHarmFromAnyBytes) {
  const std::string good = to_text(full_memory());
  int read_well = 0;
  for (unsigned seed = 0; seed < 5'000; ++seed) {
    std::mt19937 dice(seed);
    std::string text = good;
    for (unsigned i = dice() % 4 + 1; i > 0; --i) {
      const auto place = dice() % text.size();
      switch (dice() % 4) {
        case 0: text[place] = static_cast<char>(dice()); break;
        case 1: text.erase(place, dice() % 20); break;
        case 2: text.insert(place, text.substr(dice() % text.size(), dice() % 20)); break;
        default: text[place] = "{}[]\",:0"[dice() % 8]; break;
      }
      if (text.empty()) break;
    }
    const auto read = memory_of_text(text);
    if (!read.ok()) continue;
    ++read_well;
    const auto again = memory_of_text(to_text(read.value()));
    ASSERT_TRUE(again.ok()) << "seed " << seed;
    ASSERT_EQ(to_text(again.value()), to_text(read.value())) << "seed " << seed;
  }
  EXPECT_GT(read_well, 100) << "the edits were too rough to try anything";
}

TEST(FailoverMemory, ForgetsTheOldestOrdersAndFailbacks) {
  FailoverMemory memory;
  for (int i = 0; i < 40; ++i) {
    memory.note_order("id-" + std::to_string(i), "done");
    memory.note_failback(at(i));
  }
  EXPECT_EQ(memory.result_of("id-7"), nullptr);
  ASSERT_NE(memory.result_of("id-8"), nullptr);
  EXPECT_EQ(memory.failbacks.front(), at(8));
  memory.note_order("id-8", "done after all");
  EXPECT_EQ(memory.orders.size(), FailoverMemory::kOrdersMax);
  EXPECT_EQ(*memory.result_of("id-8"), "done after all");
}

TEST(FailoverMemory, OfAnotherPairKeepsOnlyWhatMustNeverGoBackAndAPersonsWord) {
  FailoverMemory memory = full_memory();
  EXPECT_FALSE(memory.belong_to(memory.pair_key, true));
  EXPECT_EQ(memory, full_memory());
  EXPECT_TRUE(memory.belong_to("another", false));
  EXPECT_EQ(memory.epoch, full_memory().epoch);
  EXPECT_EQ(memory.state, NodeState::off);
  EXPECT_FALSE(memory.sip_seen);
  EXPECT_TRUE(memory.failbacks.empty());
  EXPECT_EQ(memory.suspension, full_memory().suspension);
  EXPECT_FALSE(memory.maintenance || memory.announced || memory.start_again);
  EXPECT_EQ(memory.orders, full_memory().orders) << "an order is never carried out twice";
}

// An address that is put right while the node is out of service does not bring it back.
TEST(FailoverMemory, OfTheSameRoleKeepsItsMaintenance) {
  FailoverMemory memory = full_memory();
  memory.state = NodeState::maintenance;
  EXPECT_TRUE(memory.belong_to("another", true));
  EXPECT_EQ(memory.state, NodeState::maintenance);
  EXPECT_EQ(memory.state_since, full_memory().state_since);
  EXPECT_EQ(memory.maintenance, full_memory().maintenance);
  EXPECT_TRUE(memory.start_again);
  EXPECT_FALSE(memory.announced) << "the other node says it anew";
}

class MemoryKeeperTest : public testing::Test {
 protected:
  fakes::MemorySlotDevice device;
  TwoSlots file{device};
  MemoryKeeper keeper{file};

  std::optional<FailoverMemory> load_anew() {
    TwoSlots again(device);
    const auto loaded = MemoryKeeper(again).load();
    return loaded.ok() ? loaded.value() : std::nullopt;
  }
};

TEST_F(MemoryKeeperTest, KeepsAcrossAPowerCut) {
  ASSERT_TRUE(keeper.load().ok());
  EXPECT_FALSE(keeper.load().value());
  ASSERT_TRUE(keeper.keep(full_memory()).ok());
  device.crash();
  EXPECT_EQ(load_anew(), full_memory());
  EXPECT_EQ(keeper.condition().status, Truth::yes);
}

TEST_F(MemoryKeeperTest, WritesNothingTheSecondTime) {
  ASSERT_TRUE(keeper.keep(full_memory()).ok());
  ASSERT_TRUE(keeper.keep(full_memory()).ok());
  EXPECT_EQ(device.writes, 1);
  // What a start reads may be in the kernel's memory alone: it is written once more.
  MemoryKeeper next(file);
  ASSERT_TRUE(next.load().ok());
  ASSERT_TRUE(next.keep(full_memory()).ok());
  EXPECT_EQ(device.writes, 3) << "what is read may not be on the disk: both copies";
  ASSERT_TRUE(next.keep(full_memory()).ok());
  EXPECT_EQ(device.writes, 3);
}

TEST_F(MemoryKeeperTest, SaysThatTheStateIsNotDurableUntilItIs) {
  FailoverMemory memory = full_memory();
  ASSERT_TRUE(keeper.keep(memory).ok());
  memory.state = NodeState::activating;
  device.refusal = Error{Fault::unavailable, "No space left on device"};
  EXPECT_FALSE(keeper.keep(memory).ok());
  EXPECT_EQ(keeper.condition().status, Truth::no);
  EXPECT_EQ(keeper.condition().reason, "StateNotDurable");
  EXPECT_NE(keeper.condition().message.find("No space left"), std::string::npos);
  device.refusal.reset();
  EXPECT_TRUE(keeper.keep(memory).ok());
  EXPECT_EQ(keeper.condition().status, Truth::yes);
  EXPECT_EQ(load_anew()->state, NodeState::activating);
}

// A write that failed may have come to the disk all the same: going back is a write of its own.
TEST_F(MemoryKeeperTest, WritesWhatWasKeptBeforeAnewAfterAFailure) {
  FailoverMemory memory = full_memory();
  ASSERT_TRUE(keeper.keep(memory).ok());
  memory.state = NodeState::activating;
  device.sync_error = Error{Fault::unavailable, "Input/output error"};
  EXPECT_FALSE(keeper.keep(memory).ok());
  device.sync_error.reset();
  device.disk = device.cache;
  ASSERT_TRUE(keeper.keep(full_memory()).ok());
  device.crash();
  EXPECT_EQ(load_anew(), full_memory());
}

// A file that is removed is no first start: the node may have been suspended.
TEST_F(MemoryKeeperTest, AMemoryThatIsNotThereWhereOneWasIsLost) {
  MemoryKeeper expecting(file, true);
  ASSERT_FALSE(expecting.load().ok());
  EXPECT_TRUE(expecting.is_lost());
  EXPECT_EQ(expecting.condition().status, Truth::no);
  EXPECT_NE(expecting.condition().message.find("tandem resume"), std::string::npos);
  expecting.begin();
  EXPECT_FALSE(TwoSlots(device).read().value()) << "nothing hides the loss from a next start";
}

TEST_F(MemoryKeeperTest, BeginsBeforeADeclarationIsAccepted) {
  ASSERT_TRUE(keeper.load().ok());
  keeper.begin();
  TwoSlots again(device);
  MemoryKeeper next(again, true);
  ASSERT_TRUE(next.load().ok());
  EXPECT_FALSE(next.is_lost());
}

TEST_F(MemoryKeeperTest, StartsWithoutDamagedMemoryAndSaysSo) {
  ASSERT_TRUE(keeper.keep(full_memory()).ok());
  device.cache->assign(SlotFile::kFileBytes, 'x');
  TwoSlots again(device);
  MemoryKeeper next(again);
  EXPECT_FALSE(next.load().ok());
  EXPECT_EQ(next.condition().reason, "StateNotDurable");
  ASSERT_TRUE(next.keep(full_memory()).ok());
  EXPECT_EQ(next.condition().reason, "StateNotDurable") << "until somebody has looked";
  next.get_over_loss();
  EXPECT_EQ(next.condition().status, Truth::yes);
  EXPECT_EQ(load_anew(), full_memory());
}

TEST_F(MemoryKeeperTest, NeverWritesOverWhatANewerProgramKept) {
  auto json = nlohmann::json::parse(to_text(full_memory()));
  json["version"] = 2;
  json["unheardOf"] = true;
  ASSERT_TRUE(file.write(json.dump()).ok());
  const auto before = device.cache;
  const auto loaded = keeper.load();
  ASSERT_FALSE(loaded.ok());
  EXPECT_NE(loaded.error().message.find("version 2"), std::string::npos);
  EXPECT_FALSE(keeper.keep(FailoverMemory{}).ok());
  EXPECT_EQ(device.cache, before);
  EXPECT_EQ(keeper.condition().status, Truth::no);
  keeper.get_over_loss();
  EXPECT_FALSE(keeper.keep(full_memory()).ok());
  EXPECT_EQ(keeper.condition().reason, "StateNotDurable");
}

}  // namespace
}  // namespace tandem
