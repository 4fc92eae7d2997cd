#include "app/replication_service.h"

#include <fmt/format.h>

#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "app/gate.h"
#include "core/spec.h"
#include "pbx/postgres_password.h"
#include "pbx/profile.h"
#include "ports/gather.h"
#include "ports/spawn.h"
#include "replication/files/direction.h"

namespace tandem {
namespace {

// Debian's, which the vendor's products use.
constexpr const char* kDatabaseFolder = "/var/lib/postgresql";
constexpr std::chrono::seconds kDirectionAge{5};
constexpr std::chrono::seconds kDoorTurn{1};
constexpr int kCopyAgeFactor = 4;  // times maxDataAge: older is no fit copy
// More than what the copies and the row wait for at their ends.
constexpr std::chrono::seconds kEndLimit{10};

}  // namespace

ReplicationService::ReplicationService(Parts parts)
    : parts_(std::move(parts)),
      copy_(databases_, parts_.node.clock),
      taking_back_(databases_, parts_.node.clock),
      trees_(parts_.io.get_executor(), parts_.node.config.root),
      session_(parts_.node.peer_ssh, parts_.node.programs, parts_.node.disk, parts_.node.clock,
               parts_.node.config.state_dir + "/ssh"),
      replica_(trees_, parts_.node.programs, session_, parts_.node.disk, parts_.node.clock,
               parts_.node.config.state_dir),
      database_({parts_.node.clock,
                 [this](const CopyOrder& order, std::stop_token stop, const ProgressSink& sink) {
                   return copy_.run(order, std::move(stop), sink);
                 },
                 [this](const HAPair& pair) { return ends(pair); }}),
      files_({parts_.node.clock, trees_, replica_}),
      keeper_({parts_.node.clock,
               parts_.node.disk,
               parts_.node.config.state_dir,
               {&database_, &files_},
               [this] { return situation(); },
               [this](Product product) { return vendor_copies(product); },
               [this] {
                 // A copy may have written the secondary's journal.
                 divergence_.look();
                 heed_refusals();
                 parts_.loop.turn_soon();
               },
               parts_.observers}),
      direction_({parts_.node.clock, parts_.node.sql, [this] { return parts_.node.own_database(); },
                  [this] { return said(); }, [this] { return disk_free(); },
                  [this] { parts_.loop.turn_soon(); }, [this] { keep_direction(); }}),
      undo_({parts_.node.clock, parts_.node.sql,
             [this](const UndoOrder& order, std::stop_token stop, const ProgressSink& sink) {
               return taking_back_.run(order, std::move(stop), sink);
             },
             [this] { return undo_order(); }, [this] { return is_target(); },
             [this] {
               // So that it is told at once that the copies are held.
               keeper_.run_soon(CopyKind::database);
               parts_.loop.turn_soon();
             },
             parts_.observers}),
      divergence_({parts_.node.clock, parts_.node.sql, parts_.node.user_settings,
                   [this] { return divergence_situation(); },
                   [this](const HAPair& pair) { return secondary_database(pair); },
                   [this] { parts_.loop.turn_soon(); }, parts_.observers}),
      warden_(warden_parts()),
      watch_(watch_parts()),
      harvest_({parts_.io, parts_.node, [this] { return situation(); },
                [this] { parts_.loop.turn_soon(); }, parts_.observers, parts_.on_bug,
                [this] { return divergence_.owed(); }}),
      incoming_(parts_.node.config.state_dir + kIncomingFolder, parts_.node.clock),
      door_(parts_.node.clock.make_signal()) {}

void ReplicationService::start() {
  const auto executor = parts_.io.get_executor();
  spawn(executor, keeper_.run(), parts_.on_bug);
  spawn(executor, files_.run_following(), parts_.on_bug);
  spawn(executor, direction_.run(), parts_.on_bug);
  spawn(executor, undo_.run(), parts_.on_bug);
  spawn(executor, divergence_.run(), parts_.on_bug);
  spawn(executor, warden_.run(), parts_.on_bug);
  spawn(executor, watch_.run(), parts_.on_bug);
  harvest_.start();
  spawn(executor, keep_door(), parts_.on_bug);
}

void ReplicationService::stop() {
  keeper_.stop();
  files_.stop();
  direction_.stop();
  undo_.stop();
  divergence_.stop();
  warden_.stop();
  watch_.stop();
  harvest_.stop();
  session_.close();
  stopping_ = true;
  door_->notify();
}

Task<void> ReplicationService::ended() {
  const Clock& clock = parts_.node.clock;
  const Instant limit = clock.now() + kEndLimit;
  auto pause = parts_.node.clock.make_signal();
  const auto has_ended = [this] {
    return keeper_.has_ended() && direction_.has_ended() && warden_.has_ended() &&
           watch_.has_ended() && undo_.has_ended() && harvest_.keeper().has_ended();
  };
  while (!has_ended() && clock.now() < limit)
    co_await parts_.node.clock.wait(*pause, clock.now() + std::chrono::milliseconds{50});
}

CopySituation ReplicationService::situation() const {
  CopySituation now;
  const auto& accepted = parts_.loop.spec().accepted;
  const auto& goal = parts_.loop.goal();
  if (!accepted || !goal) return now;
  const Situation& failover = parts_.failover.engine().situation();
  now.pair = &*accepted;
  now.role = goal->role;
  now.standing_by = goal->standing_by;
  now.closed = why_closed();
  now.state = parts_.failover.engine().state();
  now.role_conflict = failover.role_conflict;
  now.peer = parts_.peer.word();
  read_direction(now);
  return now;
}

std::string ReplicationService::why_closed() const {
  const auto why = why_only_observe(parts_.loop.facts());
  if (!why) return "";
  // It tells by whom, until when, and what ends it.
  if (suspended(parts_.loop.facts()))
    if (const auto* told = parts_.loop.board().condition("Suspended");
        told != nullptr && told->condition.status == Truth::yes)
      return told->condition.message;
  return *why;
}

void ReplicationService::read_direction(CopySituation& now) const {
  const Instant time = parts_.node.clock.now();
  if (direction_read_ == Instant::min() || time - direction_read_ >= kDirectionAge) {
    const auto kept = files::kept_direction(parts_.node.disk, parts_.node.config.state_dir);
    direction_read_ = time;
    direction_readable_ = kept.ok();
    if (kept.ok()) kept_direction_ = kept.value();
  }
  now.direction_readable = direction_readable_;
  now.kept_direction = kept_direction_;
  // A former secondary whose disk kept nothing: its own database tells whose copy it holds.
  const auto& held = direction_.held();
  if (now.kept_direction.empty() && held && held->primary != parts_.node.config.node)
    now.kept_direction = "from " + held->primary;
}

// On the secondary: an edit that makes it the primary must not begin to copy back by itself.
void ReplicationService::keep_direction() {
  const auto& accepted = parts_.loop.spec().accepted;
  if (!accepted || accepted->secondary.name != parts_.node.config.node) return;
  (void)files::keep_direction(parts_.node.disk, parts_.node.config.state_dir,
                              files::direction_of(*accepted));
}

DirectionSaid ReplicationService::said() const {
  DirectionSaid said;
  const auto& accepted = parts_.loop.spec().accepted;
  const auto& goal = parts_.loop.goal();
  if (!accepted || !goal) return said;
  const GateFacts& facts = parts_.loop.facts();
  said.pair = &*accepted;
  said.node = parts_.node.config.node;
  said.role = goal->role;
  said.state = parts_.failover.engine().state();
  said.standing_by = goal->standing_by;
  said.closed = why_closed();
  said.upgrading = facts.upgrade.verdict == Verdict::bad;
  said.wizard_passed = facts.wizard.verdict == Verdict::good;
  said.spec_sha256 = parts_.loop.spec().sha256;
  said.epoch = parts_.failover.engine().memory().epoch;
  return said;
}

std::optional<std::int64_t> ReplicationService::disk_free() const {
  const auto space = parts_.node.files.space(kDatabaseFolder);
  if (!space.ok()) return std::nullopt;
  return static_cast<std::int64_t>(space.value().available);
}

// What can not be told is no hindrance: the copies have guards of their own.
bool ReplicationService::vendor_copies(Product product) const {
  const Profile& profile = profile_of(product);
  const auto program = [](const std::string& line) { return line.substr(0, line.find(' ')); };
  const std::string replication = program(profile.replication_command);
  const std::string sync = program(profile.sync_command);
  const auto running = parts_.node.activity.running({replication, sync});
  return running.ok() && !running.value().empty();
}

Result<DatabaseCopier::Ends> ReplicationService::ends(const HAPair& pair) const {
  auto primary = parts_.node.own_database();
  if (!primary.ok()) return primary.error();
  DatabaseCopier::Ends ends;
  auto slots_target = slots();
  if (!slots_target.ok()) return slots_target.error();
  ends.slots = std::move(slots_target).value();
  ends.secondary = {peer_dsn(parts_.node.config.postgres_peer_dsn, pair.secondary.address),
                    primary.value().password};
  ends.primary = std::move(primary).value();
  return ends;
}

// What an undo does is guarded by the secondary's own row, whoever orders it.
Result<UndoOrder> ReplicationService::undo_order() const {
  const DirectionSaid now = said();
  if (now.pair == nullptr) return Error{Fault::invalid, "no declaration is in force on this node"};
  if (!copies_are_ours(now))
    return Error{Fault::invalid,
                 "Tandem does not copy here: see spec.enabled and spec.replication.owner"};
  if (now.pair->replication.database_mode == Replication::DatabaseMode::stream)
    return Error{Fault::invalid,
                 "spec.replication.database.mode is stream: what was undone would be streamed "
                 "anew; set it to snapshot first"};
  auto own = parts_.node.own_database();
  if (!own.ok()) return own.error();
  UndoOrder order;
  order.secondary = std::move(own).value();
  if (now.pair->secondary.name != now.node)
    order.secondary.dsn =
        peer_dsn(parts_.node.config.postgres_peer_dsn, now.pair->secondary.address);
  order.product = now.pair->product;
  order.pair = now.pair->name;
  order.primary_name = now.pair->primary.name;
  order.secondary_name = now.pair->secondary.name;
  order.exclude_tables = now.pair->replication.exclude_tables;
  return order;
}

DivergenceKeeper::Situation ReplicationService::divergence_situation() const {
  const DirectionSaid now = said();
  DivergenceKeeper::Situation situation;
  if (!copies_are_ours(now)) return situation;
  situation.pair = now.pair;
  situation.is_primary = now.role == Role::primary;
  situation.serves = serves(now.state);
  return situation;
}

// The secondary's own, or over the link.
Result<SqlTarget> ReplicationService::secondary_database(const HAPair& pair) const {
  auto both = ends(pair);
  if (!both.ok()) return both.error();
  const bool here = pair.secondary.name == parts_.node.config.node;
  DatabaseCopier::Ends found = std::move(both).value();
  return here ? std::move(found.primary) : std::move(found.secondary);
}

// All at once, since a server that stands still must not keep the files' copies alive, nor one of
// the database's doors the other open.
Task<void> ReplicationService::before_serving() {
  harvest_.debt().begin();
  spawn(parts_.io.get_executor(), end_incoming(), parts_.on_bug);
  std::vector<Task<void>> yields;
  yields.push_back(direction_.yield());
  yields.push_back(warden_.yield());
  co_await gather(std::move(yields));
}

Task<void> ReplicationService::end_incoming() {
  door_shut_ = true;
  // What could not be ended writes files that are whole, old or new; nothing waits for it.
  (void)co_await incoming_.end_all();
}

// Copies of files are let in whenever the row lets the database's in, and then only.
Task<void> ReplicationService::keep_door() {
  while (!stopping_) {
    const DirectionSaid now = said();
    // A start of the operator is no reason to end a copy: what is so is known in a moment.
    const bool known =
        now.role == Role::secondary && copies_are_ours(now) && now.state != NodeState::rejoining;
    if (known) harvest_.debt().seen(has_begun_to_serve(now.state));
    const bool lets_in = known && direction_row(now).standing_by;
    if (known && !lets_in && !door_shut_) co_await end_incoming();
    if (lets_in && door_shut_) {
      incoming_.admit();
      door_shut_ = false;
    }
    co_await parts_.node.clock.wait(*door_, parts_.node.clock.next_turn(kDoorTurn));
  }
}

// The secondary's gate knows what is to come home before it was asked.
void ReplicationService::heed_refusals() {
  const auto& last = keeper_.state(CopyKind::files).last;
  if (last && last->reason == "HarvestPending") harvest_.keeper().look();
}

void ReplicationService::weigh(Fitness& fitness) const {
  const auto& accepted = parts_.loop.spec().accepted;
  if (!accepted || accepted->replication.owner != Owner::tandem) return;
  const Board& board = parts_.loop.board();
  for (const char* type : {"VersionsEqual", "DiskFree"})
    if (const auto* told = board.condition(type);
        told != nullptr && told->condition.status == Truth::no)
      fitness.misses.push_back(told->condition.message);
  if (const auto* told = board.condition("PostgresAccessReady");
      told != nullptr && told->condition.reason == "ServerDown")
    fitness.misses.push_back(told->condition.message);
  if (parts_.loop.facts().upgrade.verdict == Verdict::bad)
    fitness.misses.emplace_back("it is being upgraded");
  if (!direction_.known()) {
    fitness.looked = direction_.failed();
    if (direction_.failed())
      fitness.misses.emplace_back(
          "it can not be told which copy this node holds (DirectionWritten)");
    return;
  }
  const auto proven = direction_.proven();
  fitness.replicated = proven.has_value();
  if (!proven) return;
  const auto age =
      std::chrono::duration_cast<std::chrono::seconds>(parts_.node.clock.wall() - *proven);
  if (age > accepted->objectives.max_data_age * kCopyAgeFactor)
    fitness.misses.push_back(fmt::format("its proven copy is {} old", to_string(age)));
}

std::optional<HarvestState> ReplicationService::harvest_shown() const {
  if (!harvest_.keeper().is_in_charge()) return std::nullopt;
  return harvest_.keeper().state();
}

bool ReplicationService::is_target() const {
  const DirectionSaid now = said();
  return now.role == Role::secondary && copies_are_ours(now);
}

std::vector<Condition> ReplicationService::conditions() const {
  auto told = keeper_.conditions();
  for (Condition& condition : warden_.conditions()) told.push_back(std::move(condition));
  for (Condition& condition : direction_.conditions()) told.push_back(std::move(condition));
  for (Condition& condition : divergence_.conditions()) told.push_back(std::move(condition));
  for (Condition& condition : harvest_.keeper().conditions()) told.push_back(std::move(condition));
  return told;
}

}  // namespace tandem
