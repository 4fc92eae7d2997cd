// Measures the stream between two servers, for scripts/bench stream.
//
//   stream_copy publish PRIMARY SECONDARY SLOTS      the run before there is a subscription
//   stream_copy subscription CONNECTION              the statements that make one, for psql
//   stream_copy measure PRIMARY SECONDARY SLOTS N    N single changes, then N rounds of runs
//
// Prints lines "NAME VALUE...": seed, lag, proof, beside and all in milliseconds.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "ports/libpq_databases.h"
#include "ports/real_clock.h"
#include "replication/copy/streamed_copy.h"
#include "replication/stream/subscription.h"

namespace {

using namespace tandem;
using std::chrono::steady_clock;

constexpr std::chrono::seconds kArriveMax{60};
constexpr int kLagSamples = 200;

SqlTarget target(const char* dsn) {
  const char* password = std::getenv("BENCH_PASSWORD");
  return {dsn, password == nullptr ? "" : password};
}

[[noreturn]] void die(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  std::exit(1);
}

double milliseconds_since(steady_clock::time_point begun) {
  return std::chrono::duration<double, std::milli>(steady_clock::now() - begun).count();
}

class Bench {
 public:
  Bench(char** dsns) {
    order_.primary = target(dsns[0]);
    order_.secondary = target(dsns[1]);
    order_.slots = target(dsns[2]);
    order_.pair = "bench";
    order_.primary_name = "pbx-a";
    order_.secondary_name = "pbx-b";
    order_.force = "bench";
    order_.streams = true;
    primary_ = open(order_.primary);
    secondary_ = open(order_.secondary);
  }

  double run(bool prove) {
    order_.since.reset();
    if (!prove) order_.since = CopyMemory{};
    const auto begun = steady_clock::now();
    const CopyOutcome outcome = copy_.run(order_, {}, {});
    if (!outcome.succeeded()) die(describe(outcome));
    return milliseconds_since(begun);
  }

  // From the commit on the primary until it is read on the secondary.
  double arrives(const std::string& change, const std::string& seen) {
    if (!primary_->ask(change).ok()) die("a change was refused: " + change);
    const auto begun = steady_clock::now();
    for (;;) {
      const auto found = secondary_->ask(seen);
      if (!found.ok()) die(found.error().message);
      if (!found.value().rows.empty()) return milliseconds_since(begun);
      if (steady_clock::now() - begun > kArriveMax) die("a change did not arrive");
    }
  }

  double one_change() {
    const std::string word = "lag" + std::to_string(++changes_);
    return arrives(
        "update public.userfeatures set description = '" + word + "' where id = 7",
        "select 1 from public.userfeatures where id = 7 and description = '" + word + "'");
  }

  double all_changes() {
    const std::string word = "all" + std::to_string(++changes_);
    return arrives(
        "update public.userfeatures set description = '" + word + "'",
        "select 1 from public.userfeatures where id = 7 and description = '" + word + "'");
  }

 private:
  std::unique_ptr<DatabaseSession> open(const SqlTarget& to) {
    auto opened = databases_.open(to, {});
    if (!opened.ok()) die(opened.error().message);
    opened.value()->set_patience(kArriveMax);
    return std::move(opened).value();
  }

  LibpqDatabases databases_;
  RealClock clock_;
  stream::StreamedCopy copy_{databases_, clock_};
  CopyOrder order_;
  std::unique_ptr<DatabaseSession> primary_, secondary_;
  int changes_ = 0;
};

void measure(Bench& bench, int rounds) {
  std::printf("seed %.1f\n", bench.run(true));
  (void)bench.one_change();
  for (int i = 0; i < kLagSamples; ++i) std::printf("lag %.3f\n", bench.one_change());
  for (int i = 0; i < rounds; ++i) {
    std::printf("beside %.1f\n", bench.run(false));
    std::printf("proof %.1f\n", bench.run(true));
    std::printf("resumed %.1f\n", bench.one_change());
    std::printf("all %.1f\n", bench.all_changes());
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string mode = argc > 2 ? argv[1] : "";
  if (mode == "subscription") {
    std::printf("%s", stream::make_subscription_text(argv[2]).c_str());
    return 0;
  }
  if (mode == "publish" && argc == 5) {
    Bench(argv + 2).run(true);
    return 0;
  }
  if (mode == "measure" && argc == 6) {
    Bench bench(argv + 2);
    measure(bench, std::atoi(argv[5]));
    return 0;
  }
  std::fprintf(stderr, "see the head of scripts/bench.d/stream_copy.cc\n");
  return 64;
}
