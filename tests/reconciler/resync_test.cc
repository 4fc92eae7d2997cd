#include "reconciler/resync.h"

#include <gtest/gtest.h>

#include "tests/fakes/fake_phones.h"
#include "tests/fakes/memory_filesystem.h"
#include "tests/fakes/vendor_world.h"
#include "tests/run.h"

namespace tandem {
namespace {

using std::chrono::seconds;
using Phone = fakes::FakePhones::Phone;
using enum fakes::FakePhones::Answer;

class ResyncTest : public testing::Test, protected fakes::VendorWorld {
 protected:
  ResyncTest() {
    // With the run's first call a token is made: from then on each instant is the run's own.
    EXPECT_TRUE(run(auth.token()).ok());
  }

  Result<ResyncResult> resync(ResyncOrder order = {}) {
    return run(resync_.run(
        std::move(order), [this] { return stopping_; },
        [this](const ResyncProgress& progress) { told_.push_back(progress); }));
  }

  void add_phones(int count, Phone phone = {}) {
    for (int i = 0; i < count; ++i) phones_.phones["phone" + std::to_string(1000 + i)] = phone;
  }

  std::optional<PhonesKnow> known() { return record_.read().value(); }

  fakes::FakePhones phones_{http};
  fakes::MemoryFilesystem disk_;
  ProvdDevices devices_{http, auth, fakes::FakeVendor::kProvd};
  PhonesRecord record_{disk_, "/var/lib/tandem/phones"};
  Resync resync_{clock, confd, devices_, record_};
  std::vector<ResyncProgress> told_;
  bool stopping_ = false;
};

TEST_F(ResyncTest, TellsEveryPhoneAndWritesDownWhatTheyKnow) {
  add_phones(12);
  const auto result = resync();
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_EQ(result.value().told, 12u);
  EXPECT_TRUE(result.value().complete());
  EXPECT_TRUE(phones_.operations.empty()) << "every operation is deleted";
  EXPECT_EQ(told_.back().done, 12u);
  EXPECT_EQ(known()->digest, registrars_digest(run(confd.registrars()).value()));
  EXPECT_EQ(known()->failures, 0u);
}

TEST_F(ResyncTest, AsksNoMoreThanItsRate) {
  add_phones(60);
  std::vector<Instant> times;
  phones_.on_ask = [&] { times.push_back(clock.now()); };
  ASSERT_TRUE(resync({.rate = 5}).ok());
  ASSERT_EQ(times.size(), 60u);
  for (std::size_t i = 5; i < times.size(); ++i)
    EXPECT_GE(times[i] - times[i - 5], seconds{1}) << "phone " << i;
}

TEST_F(ResyncTest, KeepsItsPlacesWhereNoPhoneAnswers) {
  add_phones(300, {.answer = never});
  std::size_t most = 0;
  phones_.on_ask = [&] { most = std::max(most, phones_.operations.size()); };
  const auto result = resync({.rate = 100});
  EXPECT_EQ(result.value().failures.size(), 300u);
  EXPECT_LE(most, Resync::kInFlightMax);
  EXPECT_TRUE(phones_.operations.empty());
}

TEST_F(ResyncTest, NamesThePhonesThatCouldNotBeTold) {
  add_phones(3);
  phones_.phones["phone1001"].answer = unreachable;
  phones_.phones["phone1002"].answer = never;
  const auto result = resync();
  ASSERT_EQ(result.value().failures.size(), 2u);
  EXPECT_EQ(result.value().failures[0].device.id, "phone1001");
  EXPECT_NE(result.value().failures[1].why.find("within 30 s"), std::string::npos);
  EXPECT_EQ(known()->failed, (std::vector<std::string>{"phone1001", "phone1002"}));
  EXPECT_FALSE(result.value().complete());
}

TEST_F(ResyncTest, LeavesOutWhatNobodyCanReach) {
  add_phones(2);
  phones_.phones["phone1000"].plugin = "";
  phones_.deleted.insert("phone1001");
  const auto result = resync();
  EXPECT_EQ(result.value().skipped, 1u);
  EXPECT_EQ(result.value().gone, 1u);
  EXPECT_TRUE(result.value().complete());
  EXPECT_EQ(phones_.asked, std::vector<std::string>{"phone1001"});
}

TEST_F(ResyncTest, TellsOneTenantAndKnowsNothingOfTheOthers) {
  add_phones(2);
  phones_.phones["phone1000"].tenant = "t2";
  const auto result = resync({.tenant = "t2"});
  EXPECT_EQ(result.value().told, 1u);
  EXPECT_EQ(known(), std::nullopt);
}

TEST_F(ResyncTest, EndsWhereProvdIsGoneAndSaysHowManyWereNotAsked) {
  add_phones(50);
  phones_.on_ask = [&] { phones_.up = phones_.asked.size() < 10; };
  const auto result = resync();
  ASSERT_TRUE(result.value().stopped);
  EXPECT_EQ(result.value().stopped->fault, Fault::connection_refused);
  EXPECT_GT(result.value().not_asked, 30u);
  EXPECT_EQ(known(), std::nullopt) << "they do not all know";
}

TEST_F(ResyncTest, StopsOnRequestAndDeletesWhatItBegan) {
  add_phones(50, {.answer = never});
  phones_.on_ask = [&] { stopping_ = phones_.asked.size() >= 10; };
  const auto result = resync();
  EXPECT_EQ(result.value().stopped->fault, Fault::cancelled);
  EXPECT_EQ(result.value().not_asked, 40u);
  EXPECT_TRUE(phones_.operations.empty());
  EXPECT_EQ(known(), std::nullopt);
}

TEST_F(ResyncTest, AsksNobodyWhereThePhonesCanNotBeListed) {
  phones_.up = false;
  EXPECT_EQ(resync().error().fault, Fault::connection_refused);
  phones_.up = true;
  vendor.stop(fakes::FakeVendor::kConfd);
  EXPECT_EQ(resync().error().fault, Fault::connection_refused);
  EXPECT_TRUE(phones_.asked.empty());
}

TEST_F(ResyncTest, SaysWhereItCanNotWriteDownWhatTheyKnow) {
  add_phones(1);
  disk_.changes_left = 0;
  const auto result = resync();
  EXPECT_EQ(result.value().told, 1u);
  ASSERT_TRUE(result.value().stopped);
  EXPECT_NE(result.value().stopped->message.find("what the phones know"), std::string::npos);
}

}  // namespace
}  // namespace tandem
