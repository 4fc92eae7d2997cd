// The two clusters of the copies' tests, the primary's with a stream to give, as postgres-access
// leaves it; and what the secondary's operator does.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <thread>

#include "replication/copy/streamed_copy.h"
#include "replication/stream/state.h"
#include "replication/stream/subscription.h"
#include "tests/replication/copy_world.h"

namespace tandem {

inline const std::string kStreamPassword = "fedcba9876543210fedcba9876543210";

class StreamTest : public CopyTest {
 protected:
  StreamTest() {
    prepare();
    for (auto* cluster : {&secondary_, &primary_})
      cluster->psql(
          "do $$ begin if exists (select from pg_subscription where subname = 'tandem') then "
          "alter subscription tandem disable; alter subscription tandem set (slot_name = none); "
          "drop subscription tandem; end if; end $$; drop publication if exists tandem");
    drop_slots();
    order_.streams = true;
    order_.slots = {primary_.dsn("tandem_stream") + " sslmode=disable", kStreamPassword};
  }
  ~StreamTest() override {
    secondary_.psql(
        "do $$ begin if exists (select from pg_subscription where subname = 'tandem') then alter "
        "subscription tandem disable; alter subscription tandem set (slot_name = none); drop "
        "subscription tandem; end if; end $$");
    drop_slots();
  }

  // Once for all tests of the program.
  void prepare() {
    static bool done = false;
    if (std::exchange(done, true)) return;
    primary_.psql("alter system set wal_level = 'logical'");
    primary_.psql("alter system set min_wal_size = '32MB'");
    primary_.psql("create role tandem_stream login replication connection limit 6 password '" +
                  kStreamPassword + "'");
    primary_.stop();
    primary_.start();
    // PostgreSQL pauses 5 s between two starts of one subscription's worker.
    secondary_.psql("alter system set wal_retrieve_retry_interval = '100ms'");
    secondary_.psql("alter system set wal_receiver_status_interval = '1s'");
    secondary_.psql("select pg_reload_conf()");
  }

  void drop_slots() {
    primary_.psql("select pg_terminate_backend(active_pid) from pg_replication_slots where active");
    wait_until([&] {
      return primary_.psql("select count(*) from pg_replication_slots where active") == "0";
    });
    primary_.psql("select pg_drop_replication_slot(slot_name) from pg_replication_slots");
  }

  // What the secondary's operator does while it stands by.
  void make_subscription() {
    const std::string dsn = primary_.dsn("tandem_stream") + " sslmode=disable password=";
    secondary_.psql(stream::make_subscription_text(dsn + kStreamPassword));
  }

  CopyOutcome run(bool prove = true) {
    order_.since.reset();
    if (!prove) order_.since = CopyMemory{};
    return copy_.run(order_, stop_.get_token(), sink_);
  }

  // Publication, subscription, slot.
  void begin() {
    const CopyOutcome first = run();  // publishes
    ASSERT_TRUE(first.succeeded()) << describe(first);
    make_subscription();
    const CopyOutcome second = run();
    ASSERT_TRUE(second.stream && second.stream->runs) << describe(second);
  }

  template <class Holds>
  static bool wait_until(Holds holds) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (!holds()) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds{20});
    }
    return true;
  }

  // All that was committed on the primary until now is on the secondary.
  bool has_arrived() {
    const std::string now = primary_.psql("select pg_current_wal_lsn()");
    return wait_until([&] {
      return primary_.psql(
                 "select count(*) from pg_replication_slots where active and "
                 "confirmed_flush_lsn >= '" +
                 now + "'") == "1";
    });
  }
  std::string slots() { return primary_.psql("select count(*) from pg_replication_slots"); }

  stream::StreamedCopy copy_{databases_, clock_};
};

}  // namespace tandem
