#include "reconciler/notify/outbox.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "reconciler/notify/journal.h"
#include "tests/reconciler/notify/samples.h"

namespace tandem {
namespace {

using namespace std::chrono_literals;
using Result = Attempt::Result;

const WallTime kWall{std::chrono::seconds{1'700'000'000}};

Notice notice(std::uint64_t id) {
  Notice made;
  made.id = id;
  made.at = kWall;
  made.matter = "SecondaryNotFit";
  made.title = "the secondary is not fit to take over";
  return made;
}

class OutboxTest : public testing::Test {
 protected:
  std::size_t settle(Result result, std::optional<std::chrono::seconds> after = std::nullopt) {
    return box.settle({result, result == Result::delivered ? "" : "it answered HTTP 500", after},
                      now, kWall);
  }
  // How long until the next step.
  std::chrono::seconds pause() const {
    return std::chrono::duration_cast<std::chrono::seconds>(box.due(now) - now);
  }

  Instant now{1000h};
  Outbox box;
};

TEST_F(OutboxTest, WhatComesTogetherIsOneMessage) {
  EXPECT_EQ(box.due(now), Instant::max());
  for (std::uint64_t id = 1; id <= 3; ++id) box.add(notice(id), now);
  EXPECT_EQ(pause(), Outbox::kGather);
  now += 2s;
  EXPECT_EQ(box.batch().notices.size(), 3U);
  box.add(notice(4), now);
  EXPECT_EQ(box.batch().notices.size(), 3U) << "a message under way stays as it is";
  EXPECT_EQ(settle(Result::delivered), 0U);
  EXPECT_EQ(box.waiting(), 1U);
}

TEST_F(OutboxTest, ABurstIsHeldBackAndPutTogether) {
  for (std::uint64_t id = 1; id <= Outbox::kBurst; ++id) {
    box.add(notice(id), now);
    now += 2s;
    box.batch();
    settle(Result::delivered);
  }
  for (std::uint64_t id = 6; id <= 18; ++id) box.add(notice(id), now);
  EXPECT_EQ(pause(), Outbox::kWindow - 8s);
  now = box.due(now);
  EXPECT_EQ(box.batch().notices.size(), 13U);
}

TEST_F(OutboxTest, AFailureIsTriedAgainEverLater) {
  box.add(notice(1), now);
  now += 2s;
  box.batch();
  std::vector<std::chrono::seconds> pauses;
  for (int attempt = 0; attempt < 9; ++attempt) {
    EXPECT_EQ(settle(Result::failed), 0U);
    pauses.push_back(pause());
    now = box.due(now);
  }
  EXPECT_EQ(pauses,
            (std::vector<std::chrono::seconds>{10s, 20s, 40s, 80s, 160s, 320s, 640s, 900s, 900s}));
}

TEST_F(OutboxTest, ItEndsAfterADayOrSoManyAttempts) {
  box.add(notice(1), now);
  now += 2s;
  box.batch();
  std::size_t lost = 0;
  int attempts = 0;
  const Instant begun = now;
  while (lost == 0) {
    lost = settle(Result::failed);
    ++attempts;
    ASSERT_LE(attempts, Outbox::kAttemptsMax);
    if (lost == 0) now = box.due(now);
  }
  EXPECT_EQ(lost, 1U);
  EXPECT_LE(now - begun, Outbox::kAgeMax + Outbox::kRetryMax);
  EXPECT_EQ(box.dropped(), 1U);
  // The next message that is made tells of it.
  box.add(notice(2), now);
  EXPECT_EQ(box.batch().dropped, 1U);
}

TEST_F(OutboxTest, ARefusalIsNotTriedAgainAndIsTroubleAtOnce) {
  box.add(notice(1), now);
  box.batch();
  EXPECT_EQ(settle(Result::refused), 1U);
  EXPECT_TRUE(box.in_trouble(now));
  EXPECT_EQ(box.due(now), Instant::max());
  box.note({Result::delivered, "", {}}, now, kWall);
  EXPECT_FALSE(box.in_trouble(now));
}

TEST_F(OutboxTest, WhatTheReceiverAsksForIsHonouredWithinBounds) {
  box.add(notice(1), now);
  box.batch();
  settle(Result::failed, 120s);
  EXPECT_EQ(pause(), 120s);
  settle(Result::failed, 1'000'000s);
  EXPECT_EQ(pause(), 3600s);
  settle(Result::failed, 1s);
  EXPECT_EQ(pause(), 40s) << "our own pause is longer";
}

TEST_F(OutboxTest, TheOldestGiveWayAndAreCounted) {
  for (std::uint64_t id = 1; id <= Outbox::kWaitingMax + 5; ++id) box.add(notice(id), now);
  EXPECT_EQ(box.waiting(), Outbox::kWaitingMax);
  EXPECT_EQ(box.dropped(), 5U);
  EXPECT_EQ(box.batch().notices.front().id, 6U);
  EXPECT_EQ(box.batch().dropped, 5U);
  // What hangs on its way costs nothing of what is new.
  for (std::uint64_t id = 101; id <= 120; ++id) box.add(notice(id), now);
  EXPECT_EQ(box.dropped(), 5U);
}

TEST_F(OutboxTest, TroubleIsWhatLasts) {
  box.add(notice(1), now);
  box.batch();
  settle(Result::failed);
  EXPECT_FALSE(box.in_trouble(now));
  now += Outbox::kTroubleAfter;
  EXPECT_TRUE(box.in_trouble(now));
}

TEST_F(OutboxTest, TheJournalKeepsAllOfIt) {
  NotifyJournal journal;
  journal.serial = "5f3a90c1";
  journal.next_id = 42;
  journal.told = {true, 4, ToldState::Takeover::serves, {{"SecondaryNotFit", kWall}}};
  box.add(notice(1), now);
  box.batch();
  settle(Result::failed);
  box.add(notice(2), now);
  journal.boxes.emplace("key", box);
  const auto read = journal_of_text(to_text(journal), now);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(to_text(read.value()), to_text(journal));
  Outbox again = read.value().boxes.at("key");
  EXPECT_EQ(again.batch(), box.batch());
  EXPECT_EQ(again.due(now), now) << "a restart tries at once";
  EXPECT_TRUE(again.in_trouble(now)) << "a restart mends no receiver";
}

TEST_F(OutboxTest, ADamagedJournalIsRefusedWhateverIsWrong) {
  NotifyJournal journal;
  journal.boxes.emplace("key", box);
  const std::string good = to_text(journal);
  ASSERT_TRUE(journal_of_text(good, now).ok());
  for (std::size_t cut = 0; cut + 2 < good.size(); ++cut)
    EXPECT_FALSE(journal_of_text(good.substr(0, cut), now).ok()) << cut;
  for (const char* text : {"", "[]", "{}", "null", R"({"version":2})",
                           R"({"version":1,"serial":1,"next":1,"told":{},"receivers":{}})"})
    EXPECT_FALSE(journal_of_text(text, now).ok()) << text;
}

}  // namespace
}  // namespace tandem
