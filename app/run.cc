#include "app/run.h"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <cstdio>

#include "app/api.h"
#include "app/api_listener.h"
#include "app/event_hub.h"
#include "app/failover_service.h"
#include "app/locks.h"
#include "app/log.h"
#include "app/node.h"
#include "app/notify_service.h"
#include "app/own_word.h"
#include "app/peer_service.h"
#include "app/replication_service.h"
#include "app/secrets.h"
#include "app/supervisor.h"
#include "app/version.h"
#include "metrics/metrics.h"
#include "ports/spawn.h"
#include "ports/sqlite_event_store.h"
#include "ports/startup_pages.h"
#include "reconciler/event_recorder.h"
#include "reconciler/resync_keeper.h"

namespace tandem {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::seconds kAnswersLimit{3};  // for running answers, when we stop

void complain(Log& log, std::string_view what, const Error& error) {
  const Log::Fields fields{{"error", error.message}};
  log.write(Log::Level::error, what, fields);
}

int fail(Log& log, const Error& error) {
  complain(log, "can not start", error);
  return 1;
}

// SIGTERM and SIGINT end the loop, SIGHUP makes it look at everything.
void on_signal(asio::signal_set& signals, Loop& loop, Log& log) {
  signals.async_wait([&](const boost::system::error_code& error, int number) {
    if (error) return;
    if (number == SIGHUP) {
      notify_reloading();
      loop.request();
      notify_ready("looking at everything");
    } else {
      log.write(Log::Level::info, "stopping", {{"signal", number == SIGINT ? "INT" : "TERM"}});
      notify_stopping();
      loop.stop();
    }
    on_signal(signals, loop, log);
  });
}

// Tells systemd that we live as long as the loop turns; a loop that is stuck lets the watchdog act.
void feed_watchdog(asio::steady_timer& timer, const Loop& loop, const Clock& clock,
                   std::chrono::microseconds period) {
  timer.expires_after(period);
  timer.async_wait([&timer, &loop, &clock, period](const boost::system::error_code& error) {
    if (error) return;
    if (clock.now() - loop.turned() < OperatorApi::kStuck) notify_alive();
    feed_watchdog(timer, loop, clock, period);
  });
}

// The first looks and copies are over by then.
constexpr std::chrono::seconds kSettled{60};

// Signals, the watchdog, and what the start leaves in memory.
class Supervision {
 public:
  Supervision(asio::io_context& io, Loop& loop, const Clock& clock, Log& log)
      : signals_(io, SIGTERM, SIGINT, SIGHUP), watchdog_(io), settled_(io, kSettled) {
    on_signal(signals_, loop, log);
    if (const auto period = watchdog_period()) feed_watchdog(watchdog_, loop, clock, *period);
    settled_.async_wait([](const boost::system::error_code& error) {
      if (!error) give_startup_pages_back();
    });
  }

 private:
  asio::signal_set signals_;
  asio::steady_timer watchdog_, settled_;
};

// What runs, and what of its configuration a person should think about.
void say_start(Log& log, EventRecorder& recorder, const OperatorConfig& config,
               const std::string& address) {
  const Log::Fields fields{{"version", kVersion}, {"revision", kRevision}, {"node", config.node},
                           {"pair", config.pair}, {"root", config.root},   {"listen", address}};
  log.write(Log::Level::info, "operator starts", fields);
  recorder.add(Event::Type::normal, "OperatorStarted", "operator",
               fmt::format("tandem {} ({}) runs on {}", kVersion, kRevision, config.node));
  if (!address.starts_with("127."))
    log.write(
        Log::Level::warning,
        "the plain listener is reachable from other hosts: it serves GET only to them, without "
        "any authentication");
}

void say_end(Log& log, EventRecorder& recorder) {
  recorder.add(Event::Type::normal, "OperatorStopped", "operator", "it was told to end, and did");
  log.write(Log::Level::info, "operator stopped", {});
}

// What the loop asks of those that are made after it.
struct PairServices {
  FailoverService* failover = nullptr;
  PeerService* peer = nullptr;
  ReplicationService* replication = nullptr;
  NotifyService* notify = nullptr;

  void start(const HttpHandler& handler) const {
    peer->start(handler);
    failover->start();
    replication->start();
    notify->start();
  }

  std::vector<Condition> conditions() const {
    auto told = failover->conditions();
    for (Condition& condition : peer->conditions()) told.push_back(std::move(condition));
    for (Condition& condition : replication->conditions()) told.push_back(std::move(condition));
    for (Condition& condition : notify->conditions()) told.push_back(std::move(condition));
    return told;
  }
};

Task<void> operate(Loop& loop, ResyncKeeper& phones, ApiListener& server, const PairServices& pair,
                   CpprestHttp& http, asio::io_context& io) {
  co_await loop.run();
  pair.failover->stop();
  pair.replication->stop();
  pair.notify->stop();
  phones.stop();
  http.cancel_all();
  co_await pair.peer->stop(kAnswersLimit);
  co_await pair.replication->ended();
  co_await pair.notify->ended();
  co_await server.stop(kAnswersLimit);
  io.stop();
}

void tell_of_copies(FailoverKeeper& keeper, ReplicationService& replication) {
  keeper.set_copies([&replication] { return replication.before_serving(); },
                    [&replication](Fitness& fitness) { replication.weigh(fitness); });
}

void say_wait(Log& log, const std::string& holder) {
  log.write(Log::Level::info, "waiting for the operator before to end", {{"why", holder}});
}

// How much is told, and how much of it nobody got.
Telling telling(const EventRecorder& recorder, const EventHub& hub, const Log& log) {
  return {recorder.told(Event::Type::normal), recorder.told(Event::Type::warning), hub.lost(),
          log.lost(), hub.readers()};
}

void give_up(const std::string& why) { throw std::runtime_error(why); }

LoopParts loop_parts(Node& node, const PairServices& pair, const std::vector<Observer*>& observers,
                     const EventStore& events) {
  LoopParts parts{node.clock,        node.files, node.disk,        node.specs,
                  node.surroundings, observers,  node.config.node, &node.units};
  parts.tellers = {[&events] { return std::vector<Condition>{events.condition()}; },
                   [&pair] { return pair.conditions(); }};
  parts.structural_veto = [&pair] { return pair.peer->link().structural_refusal(); };
  parts.shape = [&pair](Goal& goal) { pair.failover->keeper().shape(goal); };
  parts.secondary_out = [&pair] { return pair.failover->keeper().secondary_out(); };
  parts.suspension_by_order = [&pair] { return pair.failover->keeper().suspension(); };
  parts.suspension_lasts = [&pair] { return pair.failover->keeper().suspension_lasts(); };
  return parts;
}

// What the resources see beside their reports.
Node::Told told_to(const PairServices& pair) {
  Node::Told told;
  told.services = [&pair](const OwnServices& own) { pair.failover->keeper().own_services(own); };
  told.expiry = [&pair](Duration maximum) { pair.failover->keeper().expiry_observed(maximum); };
  return told;
}

PeerServiceParts peer_parts(asio::io_context& io, Node& node, Loop& loop, FailoverService& failover,
                            Log& log) {
  return {io,
          node.clock,
          node.disk,
          node.specs,
          node.config,
          [&] { return own_word(failover.keeper().word(), loop, node.specs); },
          [&] { loop.turn_soon(); },
          [&](const std::string& what, const Error& error) { complain(log, what, error); },
          [&](Order order) { return failover.take_forwarded(std::move(order)); }};
}

ApiListener::Parts listener_parts(asio::io_context& io, Node& node, HttpHandler handler, Log& log,
                                  EventRecorder& recorder) {
  return {io, node.clock, node.config.listen, std::move(handler), [&](const Error& error) {
            complain(log, "the API does not listen; it is tried again", error);
            recorder.add(Event::Type::warning, "ApiNotListening", "operator", error.message);
          }};
}

void run_until_stopped(asio::io_context& io, Node& node, Loop& loop, ApiListener& server,
                       const PairServices& pair) {
  Resync resync(node.clock, node.confd, node.devices, node.phones);
  ResyncKeeper phones(node.clock, loop, resync);
  spawn(io.get_executor(), phones.run(), give_up);
  spawn(io.get_executor(), operate(loop, phones, server, pair, node.http, io), give_up);
  io.run();
}

}  // namespace

int run_operator(const OperatorConfig& config) {
  Log log(config.log_level, config.log_format);

  // One operator a node: nothing below runs twice.
  auto locks = NodeLocks::acquire_after_predecessor(
      config, [&log](const std::string& holder) { say_wait(log, holder); });
  if (!locks.ok()) return fail(log, locks.error());

  asio::io_context io(1);
  Node node(io, config, true);

  // What was in force before.
  const Status loaded = node.specs.load();
  if (!loaded.ok()) complain(log, "the kept declaration can not be used", loaded.error());

  // The loop, and who is told what it does.
  Metrics metrics(Node::resource_names(), kVersion, kRevision);
  SqliteEventStore events(io.get_executor(), config.state_dir + "/events.db",
                          {config.keep_events, config.keep_event_count});
  EventRecorder recorder(events, node.clock, config.node);
  EventHub hub(io.get_executor(), node.clock, events);
  NotifyService notify({io, node, {&log, &metrics, &recorder}, give_up});
  const std::vector<Observer*> observers{&log, &metrics, &recorder, &notify.observer()};
  PairServices pair;
  Loop loop(loop_parts(node, pair, observers, events), node.make_resources(told_to(pair)));

  // Takeover and failback, and the other node.
  FailoverService failover({io, node, loop, events, observers, read_boot_id(), give_up});
  PeerService peer(peer_parts(io, node, loop, failover, log));
  failover.link(peer);
  ReplicationService replication(
      {io, node, loop, failover.keeper(), peer.link(), observers, give_up});
  tell_of_copies(failover.keeper(), replication);
  pair = {&failover, &peer, &replication, &notify};
  notify.link(loop, failover.keeper(), peer.link());
  metrics.watch_probes(failover.probes());
  metrics.watch_telling([&] { return telling(recorder, hub, log); });

  // The API.
  auto token = read_or_make_token(node.disk, config.token_file);
  if (!token.ok()) complain(log, "orders are off", token.error());
  auto plan_resources = node.make_resources();
  OperatorApi api({node.clock, loop, metrics, plan_resources, config.node, std::move(token),
                   failover.api(), &failover.keeper(), &peer.api(), &replication, &hub, &recorder,
                   &notify});
  hub.watch([&api] { return api.shown(); });
  auto handler = [&api](ServedRequest request) { return api.answer(std::move(request)); };
  ApiListener server(listener_parts(io, node, handler, log, recorder));
  const Status listens = server.start();
  if (!listens.ok()) return fail(log, listens.error());
  pair.start(handler);

  const Supervision supervision(io, loop, node.clock, log);
  say_start(log, recorder, config, server.address());
  notify_ready("reconciling");
  run_until_stopped(io, node, loop, server, pair);
  say_end(log, recorder);
  return 0;
}

}  // namespace tandem
