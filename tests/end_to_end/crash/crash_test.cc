// kill -9 of the running operator at random moments of its repairs: every managed file is whole,
// the state files can be read, and the next start converges.
//   crash_test TANDEM WAZO_SIM [ROUNDS [SEED]]
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <thread>

#include "tests/end_to_end/crash/crash_node.h"
#include "tests/end_to_end/crash/drift.h"
#include "tests/end_to_end/crash/strike.h"

namespace tandem::crash {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

// A test whose kills miss the repairs would prove nothing.
constexpr int kInsideAtLeastOneIn = 4;
constexpr int kConvergeMax = 60;  // seconds

struct Tally {
  int repairs = 0, kills = 0, inside = 0;
  int edits = 0, orders = 0;
  int leftovers = 0, doubts = 0, halves = 0;
};

// A file's content is one of those whole, and so is its mode, which is a step of its own.
bool is_made_of(const std::string& fact, const std::vector<std::string>& whole) {
  const auto mode = [](const std::string& text) { return text.substr(0, text.find(' ')); };
  const auto rest = [](const std::string& text) {
    return text.substr(std::min(text.find(' '), text.size()));
  };
  const auto any = [&](const auto& part) {
    return std::any_of(whole.begin(), whole.end(),
                       [&](const std::string& other) { return part(fact) == part(other); });
  };
  return any(mode) && any(rest);
}

class Rounds {
 public:
  Rounds(CrashNode& node, unsigned seed) : node_(node), dice_(seed) {}

  void begin() {
    node_.declare(declared_);
    node_.start();
    if (Child order = node_.order(); order.wait() != 0) fail("the first order: " + node_.log());
    converge(declared_);
  }

  // Drift and perhaps an edit, a repair, and a kill somewhere in it.
  void round() {
    ++tally_.repairs;
    const Declaration before = declared_;
    Facts start = node_.facts();
    node_.op().hold();
    const bool edits = dice_() % 4 == 0, orders = !edits && dice_() % 8 == 0;
    if (edits) declared_.maximum = 300 + static_cast<int>(dice_() % 3000);
    if (orders) declared_.enabled = !declared_.enabled;
    if (edits || orders) node_.declare(declared_);
    if (!edits || dice_() % 2 == 0)
      for (const auto& [name, value] :
           make_drift(node_, before.enabled && declared_.enabled, dice_))
        start[name] = value;
    tally_.edits += edits ? 1 : 0;
    tally_.orders += orders ? 1 : 0;

    const std::int64_t generation = node_.generation();
    const bool slow = dice_() % 2 == 0;
    if (slow)
      node_.control("POST", "/faults",
                    {{"service", "confd"},
                     {"kind", "slow"},
                     {"method", "PUT"},
                     {"delay_ms", 10 + dice_() % 30},
                     {"count", 3}});
    strike(edits, orders);
    node_.control("DELETE", "/faults");
    judge(start, before, generation);
    recover(before, orders);
  }

  const Tally& tally() const { return tally_; }

 private:
  // Lets the operator see everything at once, and kills it a moment later.
  void strike(bool edits, bool orders) {
    StepWatch steps({node_.managed("/etc/xivo"), node_.managed("/etc/cron.d"),
                     node_.managed("/var/lib/wazo"), node_.state()});
    const int by_steps = static_cast<int>(dice_() % 4);  // 0: by time alone
    const int wanted = 1 + static_cast<int>(dice_() % (by_steps == 3 ? 24 : 8));
    const microseconds pause{dice_() % (by_steps == 0 ? 8000 : 400)};
    node_.op().go_on();
    node_.op().send(SIGHUP);
    Child order;
    if (orders) order = node_.order();
    // What is not seen in so long will not come: there was less to do than `wanted`.
    const milliseconds settle{edits || orders ? 400 : 60};
    if (by_steps != 0 || orders) steps.wait_for(wanted, settle);
    if (edits && by_steps == 0) std::this_thread::sleep_for(milliseconds{100});
    std::this_thread::sleep_for(pause);
    node_.op().kill();
    order.kill();
    ++tally_.kills;
  }

  // After the kill: each fact is as it was or as it shall be.
  void judge(const Facts& start, const Declaration& before, std::int64_t generation) {
    const Facts seen = node_.facts(), shall = node_.wanted(declared_), old = node_.wanted(before);
    int done = 0, left = 0;
    for (const auto& [name, will] : shall) {
      const auto found = start.find(name);
      const std::string was = found == start.end() ? "absent" : found->second;
      const auto& is = seen.at(name);
      if (!is_made_of(is, {was, will, old.at(name)}))
        fail(fmt::format("{} is torn: '{}'\nwas '{}'\nwill be '{}'", name, is, was, will));
      if (was == will) continue;
      done += is != was ? 1 : 0;
      left += is != will ? 1 : 0;
    }
    const std::int64_t now = node_.generation();
    if (now < generation || now > generation + 1)
      fail(fmt::format("the generation went from {} to {}", generation, now));
    done += now > generation ? 1 : 0;
    const auto leftovers = node_.leftovers();
    if (leftovers.size() > 6) fail("too many temporary files: " + leftovers.front());
    const bool doubt = node_.in_doubt(), half = done > 0 && left > 0;
    tally_.leftovers += leftovers.empty() ? 0 : 1;
    tally_.doubts += doubt ? 1 : 0;
    tally_.halves += half ? 1 : 0;
    tally_.inside += half || doubt || !leftovers.empty() ? 1 : 0;
  }

  // A start, and what it then has to become. An order that was not kept has to be given again.
  void recover(const Declaration& before, bool ordered) {
    if (tally_.kills % 16 == 0) node_.control("POST", "/tokens/forget");
    const bool kept = node_.accepted() == declared_.yaml();
    node_.start();
    if (ordered && !kept) {
      converge(before);
      if (Child order = node_.order(); order.wait() != 0) fail("an order: " + node_.log());
    }
    converge(declared_);
    // The last write ends a moment after its rename.
    if (!within(kConvergeMax, [&] { return node_.leftovers().empty(); }))
      fail("left for good: " + node_.leftovers().front() + "\n" + node_.log());
  }

  void converge(const Declaration& declared) {
    const auto right = [&] { return node_.facts() == node_.wanted(declared) && !node_.in_doubt(); };
    if (!within(kConvergeMax, right)) {
      const Facts seen = node_.facts();
      for (const auto& [name, will] : node_.wanted(declared))
        if (seen.at(name) != will)
          fail(fmt::format("did not converge: {} is '{}', not '{}'\n{}", name, seen.at(name), will,
                           node_.log()));
      fail("did not converge: in doubt\n" + node_.log());
    }
  }

  CrashNode& node_;
  Dice dice_;
  Declaration declared_;
  Tally tally_;
};

int run(const std::string& tandem, const std::string& wazo_sim, int rounds, unsigned seed) {
  CrashNode node(tandem, wazo_sim, seed);
  Rounds test(node, seed);
  const auto& tally = test.tally();
  try {
    test.begin();
    for (int round = 0; round < rounds; ++round) test.round();
  } catch (const std::exception& problem) {
    fmt::print(stderr, "FAILED in round {} (seed {}): {}\n", tally.repairs, seed, problem.what());
    return 1;
  }
  fmt::print(
      "crash: {} kills left a temporary file, {} a write in doubt, {} a repair half made; "
      "{} edits and {} orders among the repairs\n",
      tally.leftovers, tally.doubts, tally.halves, tally.edits, tally.orders);
  fmt::print(
      "crash: {} repairs, {} kills, {} of them inside a repair, 0 torn files, all converged "
      "(seed {})\n",
      tally.repairs, tally.kills, tally.inside, seed);
  if (tally.inside * kInsideAtLeastOneIn >= tally.repairs) return 0;
  fmt::print(stderr, "FAILED: too few kills struck a repair to prove anything (seed {})\n", seed);
  return 1;
}

}  // namespace
}  // namespace tandem::crash

int main(int count, char** words) {
  if (count < 3 || count > 5) {
    fmt::print(stderr, "usage: crash_test TANDEM WAZO_SIM [ROUNDS [SEED]]\n");
    return 64;
  }
  const int rounds = count > 3 ? std::atoi(words[3]) : 200;
  const auto seed = count > 4 ? static_cast<unsigned>(std::strtoul(words[4], nullptr, 10))
                              : std::random_device{}() % 1'000'000;
  fmt::print("seed {}\n", seed);
  std::fflush(stdout);
  return tandem::crash::run(words[1], words[2], rounds, seed);
}
