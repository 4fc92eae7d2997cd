// What high availability needs and nobody keeps by himself: whether it is met, and what mends it.
//
// Read-only: it has no step. Each question is bounded, none waits for another, and what costs
// others something is asked seldom; all are asked anew after a change of the goal.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "pbx/auth.h"
#include "pbx/confd.h"
#include "pbx/facts_collector.h"
#include "pbx/peer_ssh.h"
#include "ports/clock.h"
#include "ports/network.h"
#include "ports/reachability.h"
#include "resources/prerequisites/answers.h"
#include "resources/resource.h"
#include "resources/spared.h"

namespace tandem {

class Prerequisites {
 public:
  static constexpr std::string_view name = "prerequisites";
  static constexpr bool looks_afar = true;

  // Facts and ports: so often while all that they tell is well, and so often while not.
  static constexpr std::chrono::minutes kFactsEvery{5};
  static constexpr std::chrono::minutes kFactsAgain{1};
  // Trunks and tenants, in answers of confd that grow with the system.
  static constexpr std::chrono::minutes kListsEvery{5};
  // The other node's host keys, whose sshd notes each question.
  static constexpr std::chrono::minutes kKeysEvery{60};
  static constexpr std::chrono::milliseconds kEchoLimit{2'000};
  static constexpr std::chrono::seconds kKeyscanLimit{15};
  static constexpr std::size_t kTrunksMax = 500;

  using Desired = Role;
  using Observed = Answers;
  struct Step {};

  struct Parts {
    FactsCollector& collector;
    std::function<FactsRequest(Product)> own_facts;  // what the collector is told
    PeerSsh& peer_ssh;
    Process& programs;  // of this host, as for ssh
    Filesystem& disk;   // at "/", for the administrator's ssh configuration
    Reachability& reachability;
    Network& network;
    Confd& confd;
    Auth& auth;
    Clock& clock;
    std::uint16_t postgres_port = 5432;  // of the other node
  };

  explicit Prerequisites(Parts parts) : parts_(std::move(parts)) {}

  static std::set<std::string> watched(const Goal&) { return {}; }
  static Desired desired(const Goal& goal) { return goal.role; }
  Task<Result<Observed>> observe(const Goal& goal);
  static std::vector<Step> diff(const Desired&, const Observed&) { return {}; }
  Task<Status> apply(const Step&) { co_return success(); }

  static std::vector<Condition> conditions(const Goal& goal, const Observed& seen);

 private:
  void start_anew_for(const Goal& goal);
  void ask_anew_with_another_key();
  Task<void> ask_echo(const Goal& goal);
  Task<void> ask_facts(const Goal& goal);
  Task<void> ask_own(const Goal& goal);
  Task<void> ask_peer(const Goal& goal);
  Task<void> ask_ssh_port(const Goal& goal);
  Task<void> ask_postgres_port(const Goal& goal);
  Task<void> ask_host_keys(const Goal& goal);
  Task<void> ask_trunks();
  Task<void> ask_tenants();
  Task<Result<std::vector<TrunkExpiry>>> read_trunks();
  Task<Result<UnseenTenants>> read_tenants();
  std::uint16_t ssh_port();
  bool facts_are_well(const Goal& goal) const;

  Parts parts_;
  std::optional<Goal> goal_;  // that the answers are for
  std::string key_stamp_;     // of the files of the key by which the other node was asked
  Answers answers_;
  Instant facts_due_{};
  Instant lists_due_{};
  Instant keys_due_{};
};

std::vector<Change> describe(const Prerequisites::Step& step);

static_assert(Resource<Prerequisites>);

}  // namespace tandem
