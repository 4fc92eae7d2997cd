// Runs the probes, each by itself, and hands over what each attempt told.
//
// Every target has a task of its own, so none waits for another, and each waits for its own answer
// before it asks again: no target has more than one question open. What is asked of whom follows
// the declaration that is in force; a new one is followed without a restart.
#pragma once

#include "ports/task.h"
// keep the order
#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/goal.h"
#include "core/pair.h"
#include "pbx/sip.h"
#include "ports/clock.h"
#include "ports/reachability.h"
#include "ports/routes.h"
#include "probes/sample.h"
#include "reconciler/failover/probe_table.h"

namespace tandem {

// Whom the samples concern. Called on the loop's own thread; must not call Probing back.
class ProbeSink {
 public:
  virtual ~ProbeSink() = default;
  virtual void icmp(const std::string& path, const Sample& sample) = 0;
  virtual void sip(const Sample& sample) = 0;      // of the other node
  virtual void own_sip(const Sample& sample) = 0;  // of this one
  virtual void witness(const std::string& target, const Sample& sample) = 0;
  virtual void link(OwnLink link) = 0;
};

// What one declaration asks of one node.
struct ProbePlan {
  std::string own;                                    // address
  std::string peer;                                   // address, of its SIP server too
  std::vector<NodePath> paths;                        // `peer` first, named by itself
  std::optional<std::vector<std::string>> witnesses;  // addresses; nullopt: the gateway
  ProbeTiming icmp;
  ProbeTiming sip;
  int sip_port = 5060;

  bool operator==(const ProbePlan&) const = default;
};

// nullopt: the node is in no pair.
std::optional<ProbePlan> probe_plan(const HAPair& pair, Role role);

class Probing {
 public:
  // The time from one question to the next is the period, give or take so much of it: two nodes, or
  // two probes, do not fall into step.
  static constexpr int kJitterPercent = 10;
  static constexpr std::chrono::seconds kStopMax{1};
  static constexpr ProbeTiming kWitness{std::chrono::seconds{1}, Duration{800}};
  static constexpr ProbeTiming kOwnSip{std::chrono::seconds{2}, Duration{1'500}};
  // So that a pulled cable is seen within a second, jitter and the look itself included.
  static constexpr ProbeTiming kLink{Duration{800}, Duration{800}};
  // Shorter ones would go beyond pbx/sip's limit of datagrams.
  static constexpr Duration kSipPeriodMin{1'500};

  struct Ports {
    Reachability& network;
    Routes& routes;
    Sip& peer_sip;  // no one else asks the other node by it
    Sip& own_sip;   // the one by which all of this program asks the own server
    Clock& clock;
  };

  // `seed`: of the jitter. `on_error` is told what a probe threw, if ever one does: it is a bug.
  Probing(boost::asio::any_io_executor executor, Ports ports, ProbeSink& sink, std::uint64_t seed,
          std::function<void(const std::string&)> on_error);
  Probing(const Probing&) = delete;
  Probing& operator=(const Probing&) = delete;
  ~Probing();  // no sample is handed over any more

  // From now on this; nullopt: nothing is asked. What stays as it was goes on undisturbed.
  void follow(const std::optional<ProbePlan>& plan);

  // Nothing is asked or handed over any more. Returns when all probes have ended, at the latest
  // after kStopMax; a question that is still open then ends by its own time-out and does nothing.
  Task<void> stop();

  // Whose samples may come at present: paths by name, witnesses by address.
  std::set<std::string> paths() const;
  std::set<std::string> witnesses() const;

  const ProbeTable& table() const;
  // For a probe that runs elsewhere, as that of the peer link does: it declares its own rows.
  ProbeTable& table();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace tandem
