// Runs the copy between two servers and tells what it took, for scripts/bench replication.
//
//   replication_copy proof PRIMARY-DSN SECONDARY-DSN [LANES]     one run that looks at everything
//   replication_copy forced PRIMARY-DSN SECONDARY-DSN [LANES]    one with --force: whatever it
//   takes
//                                                         away is kept on the secondary
//   replication_copy counters PRIMARY-DSN SECONDARY-DSN          one such run, untimed; then, at a
//                                                         line on standard input, one by counters
//   replication_copy reader DSN TABLE     reads a row, as a call does, until standard input ends;
//   the
//                                         longest wait
//   replication_copy direction DSN        makes the secondary's row, as its operator would
//
// Prints: wall ms, own CPU ms, bytes to and from the secondary, peak memory KiB, verdict and words.
#include <sys/resource.h>

#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <iostream>
#include <string>
#include <thread>

#include "ports/libpq_databases.h"
#include "ports/pqxx_sql.h"
#include "ports/real_clock.h"
#include "replication/copy/database_copy.h"
#include "replication/database/direction.h"
#include "tests/run.h"

namespace {

using namespace tandem;
using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

long cpu_ms() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000 +
         (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1000;
}

long peak_kib() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return used.ru_maxrss;
}

SqlTarget target(const char* dsn) {
  const char* password = std::getenv("BENCH_PASSWORD");
  return {dsn, password == nullptr ? "" : password};
}

CopyOutcome timed_copy(const CopyOrder& order) {
  LibpqDatabases databases;
  RealClock clock;
  const auto begun = steady_clock::now();
  const long cpu = cpu_ms();
  CopyOutcome outcome = DatabaseCopy(databases, clock).run(order, {}, {});
  const auto wall = duration_cast<std::chrono::microseconds>(steady_clock::now() - begun);
  std::printf("%.1f %ld %llu %ld %s %s; compared %lld, transferred %lld, proved %lld ms\n",
              static_cast<double>(wall.count()) / 1000.0, cpu_ms() - cpu,
              static_cast<unsigned long long>(outcome.bytes), peak_kib(),
              outcome.succeeded() ? "good" : "bad", describe(outcome).c_str(),
              static_cast<long long>(outcome.comparing.count()),
              static_cast<long long>(outcome.transferring.count()),
              static_cast<long long>(outcome.proving.count()));
  std::fflush(stdout);
  return outcome;
}

int copy(const std::string& mode, const char* primary, const char* secondary, int lanes) {
  CopyOrder order;
  order.primary = target(primary);
  order.secondary = target(secondary);
  order.pair = "bench";
  order.primary_name = "pbx-a";
  order.secondary_name = "pbx-b";
  if (mode == "forced") order.force = "bench";
  order.lanes = lanes;
  if (mode == "counters") {
    LibpqDatabases databases;
    RealClock clock;
    const CopyOutcome first = DatabaseCopy(databases, clock).run(order, {}, {});
    if (!first.memory) {
      std::printf("0 0 0 0 bad %s\n", describe(first).c_str());
      return 1;
    }
    order.since = first.memory;
    std::printf("ready\n");
    std::fflush(stdout);
    std::string line;
    std::getline(std::cin, line);
  }
  return timed_copy(order).succeeded() ? 0 : 1;
}

int read_on(const char* dsn, const std::string& table) {
  LibpqDatabases databases;
  auto session = databases.open(target(dsn), {});
  if (!session.ok()) return 1;
  session.value()->set_patience(std::chrono::minutes{5});
  auto ended = std::async(std::launch::async, [] {
    std::string line;
    std::getline(std::cin, line);
  });
  double longest = 0;
  while (ended.wait_for(milliseconds{5}) != std::future_status::ready) {
    const auto begun = steady_clock::now();
    if (!session.value()->ask("select * from public." + table + " where id = 7").ok()) return 1;
    const std::chrono::duration<double, std::milli> took = steady_clock::now() - begun;
    longest = std::max(longest, took.count());
  }
  std::printf("%.1f\n", longest);
  return 0;
}

int make_direction(const char* dsn) {
  Direction row;
  row.pair = "bench";
  row.node = "pbx-b";
  row.role = "secondary";
  row.state = "Standby";
  row.standing_by = true;
  row.accepted_primary = "pbx-a";
  row.wizard_passed = true;
  boost::asio::io_context io;
  PqxxSql sql;
  const auto written = run(io, write_direction(sql, target(dsn), row));
  if (!written.ok()) std::fprintf(stderr, "%s\n", written.error().message.c_str());
  return written.ok() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string mode = argc > 2 ? argv[1] : "";
  if (mode == "reader" && argc == 4) return read_on(argv[2], argv[3]);
  if (mode == "direction") return make_direction(argv[2]);
  if ((mode == "proof" || mode == "forced" || mode == "counters") && argc >= 4)
    return copy(mode, argv[2], argv[3], argc > 4 ? std::atoi(argv[4]) : 1);
  std::fprintf(stderr, "see the head of scripts/bench.d/replication_copy.cc\n");
  return 64;
}
