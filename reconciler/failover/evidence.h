// From single samples of the primary to one verdict, and for how long it has held: the table of
// evidence in docs/failover.md. Values in, values out; time is handed in, and a gap voids what was
// gathered around it.
#pragma once

#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "core/failover.h"
#include "core/pair.h"
#include "probes/sample.h"
#include "reconciler/failover/deadline.h"

namespace tandem {

// What all samples together say of the primary.
struct Weighed {
  PrimaryVerdict verdict = PrimaryVerdict::unknown;
  std::string_view why = "nothing has been heard yet";
  bool sip_path_broken = false;  // it serves, but not to us: a firewall or a ban between the nodes
  bool witness_usable = false;
  bool peer_heard = false;  // the other operator answers
  ServiceTrouble trouble = ServiceTrouble::unknown;
  // Since when nothing was told that has a longer confirm time: a silence under a graver trouble
  // counts for a lighter one as well, and not the other way.
  Instant trouble_since = Instant::min();
  OwnSip own_sip = OwnSip::unknown;
  bool own_sip_poor = false;  // it answers late, or with 503
  int serving_in_a_row = 0;
  // Since when without a break; nullopt: not so now.
  // A silence begins where the first question was put that nobody answered, not where it was given
  // up.
  std::optional<Instant> host_down_since{};     // HostDown
  std::optional<Instant> service_down_since{};  // HostDown or ServiceDown, and whatever followed
                                                // but Serving and Isolated
  std::optional<Instant> answering_since{};     // Serving, and SIP was really answered from here
  std::optional<Instant> own_sip_silent_since{};
};

// For how long SIP must be silent on a host that answers, by what the host says of it.
Duration service_confirmation(const Failover& failover, ServiceTrouble trouble);

// How long what was heard counts.
struct Listening {
  // A loop that did not turn for so long did not listen either.
  std::chrono::seconds stall{5};
  // A witness counts where it answered so shortly before the primary fell silent.
  std::chrono::seconds witness_fresh{60};
};

// Everything that was heard, target by target.
class Hearing {
 public:
  // A witness that missed one question is not silent yet: a lost packet must not undo a takeover.
  static constexpr std::chrono::seconds kWitnessSilence{5};
  static constexpr std::chrono::seconds kWitnessPeriod{1};
  static constexpr std::chrono::seconds kOwnSipPeriod{2};
  // A sample older than so many periods of its probe tells nothing.
  static constexpr int kPeriodsValid = 3;

  explicit Hearing(const Listening& listening = {}) : listening_(listening) {}

  void icmp(const std::string& path, const Sample& sample);
  void sip(const Sample& sample);
  void peer(const Sample& sample, const std::optional<PeerWord>& word);
  void witness(const std::string& target, const Sample& sample);
  void own_sip(const Sample& sample);
  void link(OwnLink link) { link_ = link; }

  // What the primary announced before we started; see announced().
  void remember(const std::optional<Maintenance>& announced) { announced_ = announced; }

  // A witness answered until this operator was started anew.
  void remember_witness(Instant now) { witness_remembered_ = now; }

  // The loop turns. True where it had not done so for longer than
  // Listening::stall: what was gathered is
  // void.
  bool turned(Instant now);
  // What was gathered before `now` does not count any more.
  void start_anew(Instant now);
  // Another pair: everything that was heard was heard of other nodes.
  void forget(Instant now);
  // The node starts or stops its services: how its own SIP was before tells nothing any more.
  void forget_own_sip(Instant now);
  // Forgets the targets that are not declared any more, but not that some witness answered.
  void keep_only(const std::set<std::string>& paths, const std::set<std::string>& witnesses);

  // To be called after each sample and at least once a second: what lasts is told by what was said
  // before.
  const Weighed& weigh(const Failover& failover, Instant now, WallTime wall);
  const Weighed& weighed() const { return weighed_; }

  // The other operator's last word while the peer link answers, else nullptr.
  const PeerWord* word() const;
  // The maintenance that the primary announced and has not ended, even where it is silent now.
  const std::optional<Maintenance>& announced() const { return announced_; }
  OwnLink own_link() const { return link_; }

 private:
  struct Verdict {
    PrimaryVerdict verdict;
    std::string_view why;
    bool sip_path_broken = false;
    bool cut_off_beneath = false;  // Maintenance, and without it the verdict were Isolated
  };
  // What one target told last, and since when it is silent without a break.
  struct Source {
    Sample last;
    std::optional<Instant> silent_since;
    void hear(const Sample& sample);
  };
  // What stands of all samples of one kind now.
  struct Standing {
    Heard host, sip, peer;
    bool vouched;  // the other operator says that its SIP answers
  };

  bool is_void(const Sample& sample) const;
  Standing standing(const Failover& failover, Instant now) const;
  Verdict judge(const Standing& now_heard, const Failover& failover, Instant now);
  Verdict judge_heard(const Standing& heard, const Failover& failover, Instant now);
  Verdict judge_silence(Heard host, const Failover& failover, Instant now);
  void follow(const Verdict& verdict, const Standing& heard, const Failover& failover, Instant now);
  Instant host_silent_since(const Failover& failover, Instant now) const;
  void follow_own_sip(Instant now);
  void forget_silence();

  Listening listening_;
  std::map<std::string, Source> icmp_;
  Source sip_, peer_;
  Sample own_sip_;
  Instant own_sip_void_before_ = Instant::min();  // by when a question of it must have been put
  std::map<std::string, Sample> witnesses_;
  std::map<std::string, Instant> witness_answered_;
  std::optional<Instant> witness_remembered_;
  std::optional<PeerWord> word_;
  std::optional<Maintenance> announced_;
  Deadline announced_until_;
  OwnLink link_ = OwnLink::unknown;

  std::optional<Instant> turned_;
  Instant void_before_ = Instant::min();
  std::array<Instant, 3> longer_until_{};  // by trouble: when one with a longer time was told last
  std::optional<Instant> silent_since_;    // neither host nor SIP is heard
  std::optional<Instant> not_good_since_;  // no SIP answer that is not poor
  Instant excused_ = Instant::min();       // until then its silence was explained otherwise
  Instant counted_ = Instant::min();       // the newest sample in serving_in_a_row
  Weighed weighed_;
};

}  // namespace tandem
