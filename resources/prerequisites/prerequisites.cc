#include "resources/prerequisites/prerequisites.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>
#include <map>
#include <sstream>
#include <utility>

#include "ports/gather.h"
#include "resources/prerequisites/verdicts.h"

namespace tandem {
namespace {

using std::chrono::seconds;

// Asterisk's own where a registration sets none.
constexpr seconds kDefaultExpiration{3600};

std::chrono::nanoseconds since_1970(const Clock& clock) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(clock.wall().time_since_epoch());
}

std::optional<std::string> option(const OptionPairs& options, std::string_view key) {
  std::optional<std::string> value;  // of one that is repeated, Asterisk takes the last
  for (const auto& [name, text] : options)
    if (name == key) value = text;
  return value;
}

// nullopt: it registers nowhere.
std::optional<TrunkExpiry> expiry_of(const Trunk& trunk, const OptionPairs& registration) {
  if (!option(registration, "client_uri")) return std::nullopt;
  TrunkExpiry expiry{trunk.name, kDefaultExpiration, true};
  const auto text = option(registration, "expiration");
  if (!text) return expiry;
  expiry.is_default = false;
  long value = 0;
  const char* const end = text->data() + text->size();
  const auto read = std::from_chars(text->data(), end, value);
  if (read.ec == std::errc() && read.ptr == end && value > 0)
    expiry.expiry = seconds(value);
  else
    expiry.expiry.reset();
  return expiry;
}

bool reached_its_sshd(const Result<PeerAnswer>& answer) {
  if (answer.ok()) return true;
  const Fault fault = answer.error().fault;
  return fault == Fault::bad_certificate || fault == Fault::too_large || fault == Fault::invalid;
}

bool never_reached_it(const Result<PeerAnswer>& answer) {
  if (answer.ok()) return false;
  const Fault fault = answer.error().fault;
  return fault == Fault::connection_refused || fault == Fault::timed_out ||
         fault == Fault::unavailable;
}

std::vector<std::string> fingerprints_in(const std::string& output) {
  std::vector<std::string> prints;
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);)
    if (auto print = key_fingerprint(line)) prints.push_back(std::move(*print));
  return prints;
}

}  // namespace

std::vector<Change> describe(const Prerequisites::Step&) { return {}; }

std::vector<Condition> Prerequisites::conditions(const Goal& goal, const Observed& seen) {
  return prerequisite_conditions(goal, seen);
}

void Prerequisites::start_anew_for(const Goal& goal) {
  if (goal_ == goal) return;
  goal_ = goal;
  answers_ = {};
  facts_due_ = lists_due_ = keys_due_ = Instant::min();
}

// After `tandem init` nobody shall read for a minute that it is still to be run.
void Prerequisites::ask_anew_with_another_key() {
  const SshFiles& paths = parts_.peer_ssh.files();
  std::string stamp;
  for (const std::string& path : {paths.key, paths.known_hosts, paths.config}) {
    const auto status = parts_.disk.status(path);
    if (!status.ok() || !status.value()) continue;
    stamp += file_stamp(path, *status.value());
  }
  if (stamp != key_stamp_) facts_due_ = Instant::min();
  key_stamp_ = std::move(stamp);
}

Task<Result<Prerequisites::Observed>> Prerequisites::observe(const Goal& goal) {
  start_anew_for(goal);
  if (goal.role == Role::off) co_return answers_;
  ask_anew_with_another_key();
  answers_.addresses = parts_.network.local_addresses();
  const Instant now = parts_.clock.now();
  const bool primary = goal.role == Role::primary;

  std::vector<Task<void>> questions;
  questions.push_back(ask_echo(goal));
  if (now >= facts_due_) questions.push_back(ask_facts(goal));
  if (primary && now >= facts_due_) questions.push_back(ask_postgres_port(goal));
  if (!primary && now >= keys_due_) questions.push_back(ask_host_keys(goal));
  const bool lists = primary && !goal.standing_by && now >= lists_due_;
  if (lists) questions.push_back(ask_trunks());
  if (lists) questions.push_back(ask_tenants());
  co_await gather(std::move(questions));

  const Instant done = parts_.clock.now();
  if (now >= facts_due_) facts_due_ = done + (facts_are_well(goal) ? kFactsEvery : kFactsAgain);
  if (lists) lists_due_ = done + kListsEvery;
  co_return answers_;
}

bool Prerequisites::facts_are_well(const Goal& goal) const {
  return std::ranges::all_of(prerequisite_conditions(goal, answers_), is_well);
}

Task<void> Prerequisites::ask_echo(const Goal& goal) {
  answers_.echo = co_await parts_.reachability.ping(goal.peer_address, kEchoLimit);
}

Task<void> Prerequisites::ask_facts(const Goal& goal) {
  std::vector<Task<void>> both;
  both.push_back(ask_own(goal));
  if (goal.role == Role::primary) both.push_back(ask_peer(goal));
  co_await gather(std::move(both));
  if (goal.role == Role::primary) co_await ask_ssh_port(goal);
}

Task<void> Prerequisites::ask_own(const Goal& goal) {
  FactsRequest request = parts_.own_facts(goal.product);
  answers_.own = co_await parts_.collector.collect(std::move(request));
}

Task<void> Prerequisites::ask_peer(const Goal& goal) {
  PeerAnswer answer;
  answer.asked = since_1970(parts_.clock);
  SshEnds ends{goal.own_address, goal.peer_address};
  const auto text = co_await parts_.peer_ssh.ask(std::move(ends), "tandem facts");
  answer.answered = since_1970(parts_.clock);
  if (!text.ok()) {
    answers_.peer = text.error();
    co_return;
  }
  auto facts = facts_from_json(text.value(), "ssh to " + goal.peer_address);
  if (!facts.ok()) {
    answers_.peer = facts.error();
    co_return;
  }
  answer.facts = std::move(facts).value();
  answers_.peer = std::move(answer);
}

// What ssh came to tells it; only where the key keeps it from asking is the port tried by itself.
Task<void> Prerequisites::ask_ssh_port(const Goal& goal) {
  const Result<PeerAnswer>& peer = *answers_.peer;
  if (reached_its_sshd(peer)) {
    answers_.ssh = std::string("answered");
    co_return;
  }
  if (never_reached_it(peer)) {
    answers_.ssh = peer.error();
    co_return;
  }
  Greeting greeting;
  greeting.address = goal.peer_address;
  greeting.port = ssh_port();
  answers_.ssh = co_await parts_.reachability.greet(std::move(greeting));
}

// Connected and closed: the server does not even note it.
Task<void> Prerequisites::ask_postgres_port(const Goal& goal) {
  Greeting greeting;
  greeting.address = goal.peer_address;
  greeting.port = parts_.postgres_port;
  greeting.listens = false;
  answers_.postgres = co_await parts_.reachability.greet(std::move(greeting));
}

// The administrator's ssh configuration may name another port than 22, as a lab's does.
std::uint16_t Prerequisites::ssh_port() {
  const auto config = parts_.disk.read(parts_.peer_ssh.files().config);
  std::istringstream words(config.ok() ? config.value() : "");
  for (std::string word; words >> word;) {
    unsigned port = 0;
    if (word == "Port" && words >> port && port > 0 && port < 65536)
      return static_cast<std::uint16_t>(port);
  }
  return 22;
}

Task<void> Prerequisites::ask_host_keys(const Goal& goal) {
  Command command;
  command.argv = {kSshKeyscanProgram, "-T", "5", "-p", std::to_string(ssh_port()),
                  goal.peer_address};
  command.deadline = kKeyscanLimit;
  const auto outcome = co_await parts_.programs.run(std::move(command));
  const auto prints =
      outcome.ok() ? fingerprints_in(outcome.value().output) : std::vector<std::string>();
  if (!outcome.ok()) {
    answers_.host_keys = outcome.error();
  } else if (prints.empty()) {
    answers_.host_keys = Error{Fault::unavailable, goal.peer_address +
                                                       ": its sshd did not show its host keys; is "
                                                       "port 22 open to this node?"};
  } else {
    answers_.host_keys = prints;
  }
  const bool well = is_well(nodes_cloned(goal, answers_));
  keys_due_ = parts_.clock.now() + (well ? kKeysEvery : kFactsEvery);
}

// not_found: confd of XiVO and of Wazo before PJSIP, whose trunks are elsewhere.
Task<void> Prerequisites::ask_trunks() {
  answers_.trunks = co_await read_trunks();
  if (!answers_.trunks->ok() && answers_.trunks->error().fault == Fault::not_found)
    answers_.trunks.reset();
}

Task<Result<std::vector<TrunkExpiry>>> Prerequisites::read_trunks() {
  const auto trunks = co_await parts_.confd.sip_trunks();
  if (!trunks.ok()) co_return trunks.error();
  if (trunks.value().size() > kTrunksMax)
    co_return Error{Fault::too_large, fmt::format("confd has {} trunks, and only {} are looked at",
                                                  trunks.value().size(), kTrunksMax)};
  std::vector<TrunkExpiry> all;
  for (const Trunk& trunk : trunks.value()) {
    const auto registration = co_await parts_.confd.registration(trunk.endpoint_uuid);
    if (!registration.ok() && registration.error().fault == Fault::not_found)
      continue;  // removed meanwhile
    if (!registration.ok()) co_return registration.error();
    if (auto expiry = expiry_of(trunk, registration.value())) all.push_back(std::move(*expiry));
  }
  co_return all;
}

Task<void> Prerequisites::ask_tenants() {
  answers_.tenants = co_await read_tenants();
  if (!answers_.tenants->ok() && answers_.tenants->error().fault == Fault::not_found)
    answers_.tenants.reset();
}

Task<Result<UnseenTenants>> Prerequisites::read_tenants() {
  const auto tenants = co_await parts_.auth.tenants();
  if (!tenants.ok()) co_return tenants.error();
  const auto templates = co_await parts_.confd.global_templates();
  if (!templates.ok()) co_return templates.error();
  std::set<std::string> seen;
  for (const SipTemplate& each : templates.value()) seen.insert(each.tenant_uuid);
  UnseenTenants result;
  result.tenants = tenants.value().size();
  for (const Tenant& tenant : tenants.value())
    if (!seen.contains(tenant.uuid))
      result.unseen.push_back(tenant.name.empty() ? tenant.uuid : tenant.name);
  co_return result;
}

}  // namespace tandem
