// A node in memory with its loop, and time that passes when told.
#pragma once

#include <gtest/gtest.h>

#include "reconciler/loop.h"
#include "resources/cron_files.h"
#include "resources/ha_conf.h"
#include "resources/sentinels.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/memory_filesystem.h"
#include "tests/run.h"
// keep the order
#include "ports/spawn.h"

namespace tandem {

inline constexpr const char* kPairFile = "/etc/tandem/pair.yaml";
inline constexpr const char* kHaConf = "/etc/xivo/ha.conf";
inline constexpr const char* kIsPrimary = "/var/lib/wazo/is-primary";
inline constexpr const char* kMasterConf =
    R"({"node_type": "master", "remote_address": "192.0.2.11"})";

inline std::string pair_yaml(const std::string& more = "") {
  // The vendor's failover and copies: what these tests have in mind, unless they say so.
  const bool says = more.find("  failover:") != std::string::npos;
  const bool copies = more.find("  replication:") != std::string::npos;
  return R"(apiVersion: tandem.ha/v1alpha1
kind: HAPair
metadata:
  name: montreal
spec:
  product: wazo
  primary:   { name: pbx-a, address: 192.0.2.10 }
  secondary: { name: pbx-b, address: 192.0.2.11 }
)" + more +
         (says ? "" : "  failover: { owner: vendor }\n") +
         (copies ? "" : "  replication: { owner: vendor }\n");
}

class FakeSurroundings : public Surroundings {
 public:
  Reading address{Verdict::good, "AddressFound", "ours"};
  Reading wizard_reading{Verdict::good, "Configured", "passed"};
  Reading rights{Verdict::good, "AllHeld", "every right is held"};
  Result<bool> stands = false;
  UpgradeSigns signs;

  Reading own_address(const std::string&, const std::string&) override { return address; }
  Result<bool> standing_by(Product) override { return stands; }
  std::string standby_marker(Product) const override { return "/var/lib/wazo/disabled"; }
  UpgradeSigns upgrade_signs(Product) override { return signs; }
  Task<Reading> wizard() override { co_return wizard_reading; }
  Task<Reading> permissions() override { co_return rights; }
};

class ObserverJournal : public Observer {
 public:
  std::vector<Report> reports;
  std::vector<std::string> rejections, acceptances;

  void reported(const Report& report) override { reports.push_back(report); }
  void condition_changed(const Condition&) override {}
  void spec_rejected(std::string_view message) override { rejections.emplace_back(message); }
  void spec_accepted(std::string_view how) override { acceptances.emplace_back(how); }
};

// A resource whose looks and repairs a test scripts.
struct FakeState {
  int value = 0;
  int wanted = 1;
  Reach reach = Reach::file;
  std::optional<Error> observe_error;
  std::optional<Error> apply_error;
  std::optional<Error> unseen;  // a part that could not be looked at
  bool forgets = false;         // a repair that does not hold
  bool by_one = false;          // each step raises the value by one
  std::vector<Condition> tells;
  int looks = 0;
  int repairs = 0;
};

class World : public testing::Test {
 protected:
  World() {
    disk.files[kPairFile] = pair_yaml();
    node.directories = {"/etc/xivo", "/etc/cron.d", "/var/lib/wazo"};
  }

  void start(std::vector<std::unique_ptr<Managed>> resources) {
    loop = std::make_unique<Loop>(
        LoopParts{clock, node, disk, specs, surroundings, {&journal}, "pbx-a"},
        std::move(resources));
    spawn(io.get_executor(), loop->run(), [](const std::string& why) { FAIL() << why; });
  }

  void start() {
    std::vector<std::unique_ptr<Managed>> resources;
    resources.push_back(std::make_unique<ManagedAs<HaConf>>(node));
    resources.push_back(std::make_unique<ManagedAs<Sentinels>>(node));
    resources.push_back(std::make_unique<ManagedAs<CronFiles>>(node));
    start(std::move(resources));
  }

  // Starts with the declaration in force, and lets the first pass end.
  void start_in_force() {
    start();
    ASSERT_TRUE(order_structural().ok());
    pass(std::chrono::seconds{1});
  }

  Result<ApplyResult> order_structural() { return run(io, loop->apply({false, true, "a test"})); }

  void pass(std::chrono::milliseconds time) { run(io, pause(time)); }

  Task<void> pause(std::chrono::milliseconds time) {
    auto signal = clock.make_signal();
    co_await clock.wait(*signal, clock.now() + time);
  }

  // An edit by a person or a program, noticed by inotify.
  void edit(const std::string& path, const std::string& text) {
    node.files[path].content = text;
    node.touched(path);
  }
  void edit_pair(const std::string& text) {
    disk.files[kPairFile] = text;
    disk.touched(kPairFile);
  }

  Condition condition(std::string_view type) const {
    const auto* record = loop->board().condition(type);
    return record == nullptr ? Condition{} : record->condition;
  }

  void TearDown() override {
    if (!loop) return;
    loop->stop();
    pass(std::chrono::milliseconds{1});
  }

  boost::asio::io_context io;
  fakes::FakeClock clock;
  fakes::MemoryFilesystem node, disk;
  FakeSurroundings surroundings;
  ObserverJournal journal;
  SpecKeeper specs{disk, kPairFile, "/var/lib/tandem", "pbx-a"};
  std::unique_ptr<Loop> loop;
};

// The scripted resource as the loop sees it.
class ScriptedResource {
 public:
  static constexpr std::string_view name = "scripted";
  using Desired = int;
  using Observed = int;
  struct Step {
    int from = 0, to = 0;
    Reach reach = Reach::file;
  };

  explicit ScriptedResource(FakeState& state) : state_(state) { current() = &state; }

  static std::set<std::string> watched(const Goal&) { return {"/scripted"}; }
  static Desired desired(const Goal&) { return current()->wanted; }
  Task<Result<Observed>> observe(const Goal&) {
    ++state_.looks;
    if (state_.observe_error) co_return *state_.observe_error;
    co_return state_.value;
  }
  static std::vector<Step> diff(const Desired& want, const Observed& seen) {
    if (want == seen) return {};
    if (current()->by_one) {
      std::vector<Step> steps;
      for (int at = seen; at < want; ++at) steps.push_back(Step{at, at + 1, current()->reach});
      return steps;
    }
    return {Step{seen, want, current()->reach}};
  }
  static std::vector<Condition> conditions(const Goal&, const Observed&) {
    return current()->tells;
  }
  static std::optional<Error> unseen(const Goal&, const Observed&) { return current()->unseen; }
  Task<Status> apply(const Step& step) {
    ++state_.repairs;
    if (state_.apply_error) co_return *state_.apply_error;
    if (!state_.forgets) state_.value = step.to;
    co_return success();
  }

 private:
  // The contract's static members have to find the script: one at a time in a test.
  static FakeState*& current() {
    static FakeState* state = nullptr;
    return state;
  }

  FakeState& state_;
};

inline std::vector<Change> describe(const ScriptedResource::Step& step) {
  return {{"value", std::to_string(step.from), std::to_string(step.to), "nothing",
           "a test wants it", step.reach}};
}

static_assert(Resource<ScriptedResource>);

}  // namespace tandem
