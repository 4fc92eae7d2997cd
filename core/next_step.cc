#include "core/next_step.h"

#include <iterator>

#include "core/goal.h"

namespace tandem {
namespace {

struct Row {
  bool (*holds)(const HAPair&, const NextFacts&);
  const char* text;
};

// How long a phone stays with a dead node by its registration alone.
bool is_beyond_objective(const HAPair& pair) {
  const auto expiry = wanted_expiry(pair);
  return expiry && expiry->maximum + pair.objectives.phone_switch > pair.objectives.max_downtime;
}

bool allows(const HAPair& pair, Reach reach) { return pair.changes_allow >= reach; }

// The first row that holds is the next step: from the harmless to the far-reaching.
constexpr Row kRows[] = {
    {[](const HAPair&, const NextFacts& f) { return f.refused; },
     "mend pair.yaml: the condition SpecAccepted tells each error with its place"},
    {[](const HAPair&, const NextFacts& f) { return f.waits; },
     "look at `tandem plan`, then run: tandem apply --structural --reason REASON"},
    {[](const HAPair& p, const NextFacts&) { return p.suspend.has_value(); },
     "spec.suspend is set: set it to null once the work on the node is done"},
    {[](const HAPair& p, const NextFacts&) { return !p.enabled; }, ""},
    {[](const HAPair& p, const NextFacts& f) { return !allows(p, Reach::file) && f.drift; },
     "changes.allow is none: look at `tandem plan`, and where it is what you want set it to file "
     "in pair.yaml on both nodes; the vendor's files and the registrars are then kept right"},
    {[](const HAPair& p, const NextFacts&) { return !allows(p, Reach::file); },
     "changes.allow is none: set it to file in pair.yaml on both nodes; the vendor's files and the "
     "registrars are then kept right"},
    {[](const HAPair& p, const NextFacts&) { return !p.sip.managed; },
     "sip.policy is unmanaged: set it to managed, so that a phone does not stay with a dead node "
     "for longer than declared; `tandem plan` shows what that changes"},
    {[](const HAPair& p, const NextFacts&) { return !allows(p, Reach::reload); },
     "changes.allow is file: set it to reload; the SIP expiry (a PJSIP reload), PostgreSQL's "
     "access "
     "rules and role, and fail2ban's exemption of the other node are then kept right too"},
    {[](const HAPair& p, const NextFacts&) {
       return is_beyond_objective(p) && p.sip.preset != SipPolicy::Preset::fast;
     },
     "the SIP expiry and objectives.phoneSwitch together are longer than objectives.maxDowntime: "
     "remove sip.expiry and set sip.preset to fast"},
    {[](const HAPair& p, const NextFacts&) {
       return p.postgres_method == HAPair::PostgresMethod::trust;
     },
     "postgresAccess.method is trust: run `tandem init` on the primary, then set it to scram; "
     "whoever takes the primary's address is then no longer the database's superuser because of "
     "us"},
    {[](const HAPair& p, const NextFacts&) { return p.failover.owner == Owner::vendor; },
     "failover.owner is vendor, whose detector sees neither a dead Asterisk nor its own cut: watch "
     "`tandem why` and `tandem get probes` on the secondary for some days, then set failover.owner "
     "to tandem and failover.mode to automatic on both nodes; that waits for a structural order"},
    {[](const HAPair& p, const NextFacts&) { return p.failover.mode != Failover::Mode::automatic; },
     "failover.mode is not automatic: nobody takes over by itself; set it to automatic in "
     "pair.yaml on both nodes"},
};

}  // namespace

std::string next_step(const HAPair& pair, const NextFacts& facts) {
  for (const Row& row : kRows)
    if (row.holds(pair, facts)) return row.text;
  return "";
}

}  // namespace tandem
