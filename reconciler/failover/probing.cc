#include "reconciler/failover/probing.h"

#include <algorithm>
#include <boost/asio/use_awaitable.hpp>
#include <cstdlib>
#include <map>
#include <random>
#include <utility>

#include "ports/spawn.h"
#include "probes/icmp_probe.h"
#include "probes/link_probe.h"
#include "probes/sip_probe.h"
#include "probes/witness_probe.h"

namespace tandem {
namespace {

enum class Kind { icmp, sip, own_sip, witness, link };

// As it is called in the table.
const char* name_of(Kind kind) {
  switch (kind) {
    case Kind::icmp: return "icmp";
    case Kind::sip: return "sip";
    case Kind::own_sip: return "own-sip";
    case Kind::witness: return "witness";
    case Kind::link: return "link";
  }
  return "";  // unreachable: -Wswitch keeps the list complete
}

struct Target {
  Kind kind = Kind::icmp;
  std::string name;
  std::string address;
  int port = 0;  // of SIP

  // NOLINTNEXTLINE(modernize-use-nullptr): what the compiler writes for it
  auto operator<=>(const Target&) const = default;
};

std::string shown(const Target& target) {
  return target.port == 0 ? target.address : target.address + ':' + std::to_string(target.port);
}

// One target and the task that asks it.
struct Probe {
  Target target;
  ProbeTiming timing;
  bool wanted = true;
  Instant due{};
  std::mt19937_64 dice;
  std::unique_ptr<Signal> signal;  // of its task: look at `wanted` and `due` again
};

// The same target has the same dice, whatever other targets there are.
std::mt19937_64 dice_for(std::uint64_t seed, const Target& target) {
  const std::string text = std::string(name_of(target.kind)) + '/' + target.name;
  std::vector<std::uint32_t> words{static_cast<std::uint32_t>(seed),
                                   static_cast<std::uint32_t>(seed >> 32U)};
  for (const char letter : text) words.push_back(static_cast<unsigned char>(letter));
  std::seed_seq sequence(words.begin(), words.end());
  return std::mt19937_64(sequence);
}

// A time-out longer than the period would leave no room for the next question.
ProbeTiming kept_to_period(ProbeTiming timing) {
  timing.timeout = std::min(timing.timeout, timing.period);
  return timing;
}

ProbeTiming sip_timing(const ProbePlan& plan) {
  ProbeTiming timing = plan.sip;
  timing.period = std::max(timing.period, Probing::kSipPeriodMin);
  return kept_to_period(timing);
}

Duration shortest(Duration period) { return period * (100 - Probing::kJitterPercent) / 100; }

Duration with_jitter(Duration period, std::mt19937_64& dice) {
  const Duration spread = period * Probing::kJitterPercent / 100;
  std::uniform_int_distribution<Duration::rep> any(-spread.count(), spread.count());
  return period + Duration(any(dice));
}

}  // namespace

std::optional<ProbePlan> probe_plan(const HAPair& pair, Role role) {
  if (role == Role::off) return std::nullopt;
  const NodeSpec& own = role == Role::primary ? pair.primary : pair.secondary;
  const NodeSpec& peer = role == Role::primary ? pair.secondary : pair.primary;
  return ProbePlan{
      own.address,        peer.address,      ways_to(peer),         pair.failover.witnesses,
      pair.failover.icmp, pair.failover.sip, pair.failover.sip_port};
}

// Outlives Probing as long as a question is open.
struct Probing::State : std::enable_shared_from_this<State> {
  State(boost::asio::any_io_executor e, Ports p, ProbeSink& s, std::uint64_t chance,
        std::function<void(const std::string&)> told)
      : executor(std::move(e)),
        ports(p),
        sink(s),
        seed(chance),
        on_error(std::move(told)),
        ended(p.clock.make_signal()) {}

  std::map<Target, ProbeTiming> wanted_targets() const;
  std::vector<std::string> witness_addresses() const;
  void arrange();
  void begin(const Target& target, const ProbeTiming& timing);
  void change(Probe& probe, const ProbeTiming& timing);
  void end(Probe& probe);
  static Task<void> run(std::shared_ptr<State> state, std::shared_ptr<Probe> probe);
  Task<Sample> ask(const Probe& probe);
  Task<Sample> ask_sip(Sip& sip, const Probe& probe);
  Task<Sample> look_at_link(const Probe& probe);
  void hand_over(const Target& target, const Sample& sample);
  void halt();

  boost::asio::any_io_executor executor;
  Ports ports;
  ProbeSink& sink;
  std::uint64_t seed;
  std::function<void(const std::string&)> on_error;
  std::unique_ptr<Signal> ended;  // a task has; for stop()
  std::optional<ProbePlan> plan;
  // The last one that was seen: a route that has gone makes no witness undeclared.
  std::optional<std::string> gateway;
  OwnLink link = OwnLink::unknown;
  std::map<Target, std::shared_ptr<Probe>> probes;  // also those not wanted that still wait
  ProbeTable table;
  bool stopped = false;
};

std::vector<std::string> Probing::State::witness_addresses() const {
  if (!plan) return {};
  if (plan->witnesses) return *plan->witnesses;
  if (gateway) return {*gateway};
  return {};
}

std::map<Target, ProbeTiming> Probing::State::wanted_targets() const {
  std::map<Target, ProbeTiming> all;
  if (!plan || stopped) return all;
  for (const NodePath& path : plan->paths)
    all[{Kind::icmp, path.name, path.address, 0}] = kept_to_period(plan->icmp);
  for (const std::string& address : witness_addresses())
    all[{Kind::witness, address, address, 0}] = kWitness;
  all[{Kind::sip, plan->peer, plan->peer, plan->sip_port}] = sip_timing(*plan);
  all[{Kind::own_sip, plan->own, plan->own, plan->sip_port}] = kOwnSip;
  all[{Kind::link, plan->own, plan->own, 0}] = kLink;
  return all;
}

// Ends, changes and begins, until what runs is what is wanted.
void Probing::State::arrange() {
  const auto wanted = wanted_targets();
  for (const auto& [target, probe] : probes)
    if (!wanted.contains(target)) end(*probe);
  for (const auto& [target, timing] : wanted) {
    const auto found = probes.find(target);
    table.declare(name_of(target.kind), target.name, shown(target));
    if (found == probes.end())
      begin(target, timing);
    else
      change(*found->second, timing);
  }
}

void Probing::State::begin(const Target& target, const ProbeTiming& timing) {
  const auto probe = std::make_shared<Probe>();
  probe->target = target;
  probe->timing = timing;
  probe->due = ports.clock.now();
  probe->dice = dice_for(seed, target);
  probe->signal = ports.clock.make_signal();
  probes[target] = probe;
  spawn(executor, run(shared_from_this(), probe), on_error);
}

// Also brings back one that was not wanted for a moment, and whose question is still open.
void Probing::State::change(Probe& probe, const ProbeTiming& timing) {
  if (probe.wanted && probe.timing == timing) return;
  probe.wanted = true;
  probe.timing = timing;
  probe.due = std::min(probe.due, ports.clock.now() + timing.period);
  probe.signal->notify();
}

void Probing::State::end(Probe& probe) {
  if (!probe.wanted) return;
  probe.wanted = false;
  probe.signal->notify();
  const auto same_row = [&](const auto& other) {
    return other.second->wanted && other.first.kind == probe.target.kind &&
           other.first.name == probe.target.name;
  };
  if (std::none_of(probes.begin(), probes.end(), same_row))
    table.forget(name_of(probe.target.kind), probe.target.name);
}

Task<void> Probing::State::run(std::shared_ptr<State> state, std::shared_ptr<Probe> probe) {
  Clock& clock = state->ports.clock;
  while (probe->wanted) {
    if (clock.now() < probe->due) {
      co_await clock.wait(*probe->signal, probe->due);
      continue;
    }
    const Instant asked = clock.now();
    const Sample sample = co_await state->ask(*probe);
    if (!probe->wanted) break;  // the target is gone: its answer concerns nobody
    state->hand_over(probe->target, sample);
    // Counted from the question; after a stall one is due at once, and never a burst.
    probe->due = asked + with_jitter(probe->timing.period, probe->dice);
  }
  state->probes.erase(probe->target);
  state->ended->notify();
}

Task<Sample> Probing::State::ask(const Probe& probe) {
  switch (probe.target.kind) {
    case Kind::icmp:
    case Kind::witness:
      return probe_icmp(ports.network, ports.clock, probe.target.address, probe.timing.timeout);
    case Kind::sip: return ask_sip(ports.peer_sip, probe);
    case Kind::own_sip: return ask_sip(ports.own_sip, probe);
    case Kind::link: return look_at_link(probe);
  }
  std::abort();  // unreachable: -Wswitch keeps the list complete
}

Task<Sample> Probing::State::ask_sip(Sip& sip, const Probe& probe) {
  SipQuestion question;
  question.own = plan->own;
  question.address = probe.target.address;
  question.port = probe.target.port;
  question.limit = probe.timing.timeout;
  question.next = shortest(probe.timing.period);
  // On the own host nothing is lost: what would be sent again is left to others who ask there.
  question.once = probe.target.kind == Kind::own_sip;
  return probe_sip(sip, ports.clock, std::move(question));
}

Task<Sample> Probing::State::look_at_link(const Probe& probe) {
  const std::shared_ptr<State> alive = shared_from_this();
  const ProbePlan asked = *plan;
  Sample sample;
  const Instant begun = ports.clock.now();
  const auto seen = co_await ports.routes.look(asked.own, asked.peer);
  sample.at = ports.clock.now();
  sample.took = sample.at - begun;
  const LinkReading reading = own_link(seen, asked.own);
  sample.reason = reading.reason;
  sample.heard = reading.link == OwnLink::good      ? Heard::answers
                 : reading.link == OwnLink::unknown ? Heard::unknown
                                                    : Heard::silent;
  if (!probe.wanted || plan != asked) co_return sample;
  link = reading.link;
  if (!seen.ok() || asked.witnesses) co_return sample;
  std::set<std::string> nodes{asked.own};
  for (const NodePath& path : asked.paths) nodes.insert(path.address);
  const auto found = gateway_witness(seen.value(), nodes);
  if (found && found != gateway) {
    gateway = found;
    arrange();
  }
  co_return sample;
}

void Probing::State::hand_over(const Target& target, const Sample& sample) {
  table.record(name_of(target.kind), target.name, sample);
  switch (target.kind) {
    case Kind::icmp: return sink.icmp(target.name, sample);
    case Kind::sip: return sink.sip(sample);
    case Kind::own_sip: return sink.own_sip(sample);
    case Kind::witness: return sink.witness(target.name, sample);
    case Kind::link: return sink.link(link);
  }
}

void Probing::State::halt() {
  stopped = true;
  for (const auto& [target, probe] : probes) {
    probe->wanted = false;
    probe->signal->notify();
  }
}

Probing::Probing(boost::asio::any_io_executor executor, Ports ports, ProbeSink& sink,
                 std::uint64_t seed, std::function<void(const std::string&)> on_error)
    : state_(std::make_shared<State>(std::move(executor), ports, sink, seed, std::move(on_error))) {
}

Probing::~Probing() { state_->halt(); }

void Probing::follow(const std::optional<ProbePlan>& plan) {
  if (state_->stopped || state_->plan == plan) return;
  const bool elsewhere = !plan || !state_->plan || plan->own != state_->plan->own ||
                         plan->paths != state_->plan->paths;
  if (elsewhere) state_->gateway.reset();
  state_->plan = plan;
  state_->arrange();
}

Task<void> Probing::stop() {
  const std::shared_ptr<State> state = state_;
  state->halt();
  Clock& clock = state->ports.clock;
  const Instant last = clock.now() + kStopMax;
  while (!state->probes.empty() && clock.now() < last) co_await clock.wait(*state->ended, last);
}

std::set<std::string> Probing::paths() const {
  std::set<std::string> names;
  if (!state_->plan) return names;
  for (const NodePath& path : state_->plan->paths) names.insert(path.name);
  return names;
}

std::set<std::string> Probing::witnesses() const {
  const auto addresses = state_->witness_addresses();
  return {addresses.begin(), addresses.end()};
}

const ProbeTable& Probing::table() const { return state_->table; }
ProbeTable& Probing::table() { return state_->table; }

}  // namespace tandem
