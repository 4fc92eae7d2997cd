#include "replication/copy/hash_race.h"

#include <atomic>
#include <mutex>
#include <thread>

namespace tandem {
namespace {

using Groups = std::vector<std::vector<HashPlan>>;

// One side's work, taken group by group by its sessions.
struct Side {
  std::string_view name;
  const Groups& groups;
  std::atomic<std::size_t> next = 0;
};

struct Race {
  std::stop_source& stop;
  const HashSink& sink;
  std::mutex mutex;  // of all below
  std::map<std::string, TableHash> primary, secondary;
  std::optional<Error> failure;

  void fail(std::string_view side, const Error& error) {
    const std::lock_guard lock(mutex);
    // What was ended because of another's failure says only that.
    if (!failure || failure->fault == Fault::cancelled) failure = in_context(side, error);
    stop.request_stop();
  }

  void keep(bool of_primary, const std::vector<HashPlan>& group, std::vector<TableHash> hashes) {
    const std::lock_guard lock(mutex);
    std::uint64_t rows = 0;
    for (std::size_t i = 0; i < group.size(); ++i) {
      rows += hashes[i].total().rows;
      (of_primary ? primary : secondary)[group[i].table->name] = std::move(hashes[i]);
    }
    if (!of_primary) sink(group.size(), rows);
  }
};

void work(DatabaseSession& session, Side& side, Race& race) {
  for (;;) {
    const std::size_t at = side.next++;
    if (at >= side.groups.size() || race.stop.stop_requested()) return;
    const auto& group = side.groups[at];
    const auto rows = session.ask(hash_statement(group));
    if (!rows.ok()) return race.fail(side.name, rows.error());
    auto hashes = read_hashes(group, rows.value());
    if (!hashes.ok()) return race.fail(side.name, hashes.error());
    race.keep(side.name == "primary", group, std::move(hashes).value());
  }
}

}  // namespace

Result<BothHashes> hash_both(const PairSessions& sessions, const std::vector<HashPlan>& plans,
                             std::stop_source& stop, const HashSink& sink) {
  const Groups groups = in_groups(plans);
  Side ours{"primary", groups}, theirs{"secondary", groups};
  Race race{stop, sink, {}, {}, {}, {}};
  {
    std::vector<std::jthread> threads;
    for (const auto& session : sessions.primaries())
      threads.emplace_back([&race, &ours, &session] { work(*session, ours, race); });
    for (const auto& session : sessions.secondaries())
      threads.emplace_back([&race, &theirs, &session] { work(*session, theirs, race); });
  }
  if (race.failure) return *race.failure;
  return BothHashes{std::move(race.primary), std::move(race.secondary)};
}

}  // namespace tandem
