#include "reconciler/failover/evidence.h"

#include <algorithm>
#include <cstdlib>

namespace tandem {
namespace {

using enum PrimaryVerdict;

// What a sample still tells at `now`.
Heard heard_of(const Sample& sample, Duration period, Instant now) {
  return now - sample.at > Hearing::kPeriodsValid * period ? Heard::unknown : sample.heard;
}

// Any answer is an answer; a way that could not be asked says nothing beside one that is silent.
Heard any_of(Heard a, Heard b) {
  if (a == Heard::answers || b == Heard::answers) return Heard::answers;
  return a == Heard::silent || b == Heard::silent ? Heard::silent : Heard::unknown;
}

bool is_cut_off(OwnLink link) {
  return link == OwnLink::no_carrier || link == OwnLink::no_address || link == OwnLink::no_route;
}

std::string_view cut_off_by(OwnLink link) {
  switch (link) {
    case OwnLink::no_carrier: return "the own interface towards the primary has no carrier";
    case OwnLink::no_address: return "the own interface towards the primary has no address";
    case OwnLink::no_route: return "there is no route to the primary";
    case OwnLink::unknown:
    case OwnLink::good: break;
  }
  return "";
}

}  // namespace

Duration service_confirmation(const Failover& failover, ServiceTrouble trouble) {
  switch (trouble) {
    case ServiceTrouble::failed: return failover.confirm_service_failed;
    case ServiceTrouble::restarting: return failover.confirm_service_restarting;
    case ServiceTrouble::unknown: return failover.confirm_service_unknown;
  }
  std::abort();  // unreachable: -Wswitch keeps the list complete
}

// A question that was put before a stall and given up after it was not listened for.
bool Hearing::is_void(const Sample& sample) const {
  return sample.heard == Heard::silent && sample.at - sample.took < void_before_;
}

void Hearing::Source::hear(const Sample& sample) {
  last = sample;
  if (sample.heard != Heard::silent)
    silent_since.reset();
  else if (!silent_since)
    silent_since = sample.at - sample.took;
}

void Hearing::icmp(const std::string& path, const Sample& sample) {
  if (!is_void(sample)) icmp_[path].hear(sample);
}

void Hearing::sip(const Sample& sample) {
  if (is_void(sample)) return;
  sip_.hear(sample);
  if (sample.heard == Heard::answers && !sample.poor)
    not_good_since_.reset();
  else if (sample.heard != Heard::unknown && !not_good_since_)
    not_good_since_ = std::max(excused_, sip_.silent_since.value_or(sample.at));
  // A miss counts also where the next answer comes before the next turn.
  if (sample.heard != Heard::answers || sample.poor) weighed_.answering_since.reset();
}

void Hearing::peer(const Sample& sample, const std::optional<PeerWord>& word) {
  if (is_void(sample)) return;
  peer_.hear(sample);
  if (!word) return;
  word_ = word;
  announced_ = word->maintenance;
}

void Hearing::witness(const std::string& target, const Sample& sample) {
  if (is_void(sample)) return;
  witnesses_[target] = sample;
  if (sample.heard == Heard::answers) witness_answered_[target] = sample.at;
}

void Hearing::own_sip(const Sample& sample) {
  if (!is_void(sample) && sample.at - sample.took >= own_sip_void_before_) own_sip_ = sample;
}

void Hearing::forget_own_sip(Instant now) {
  own_sip_void_before_ = now;
  own_sip_ = Sample{};
  weighed_.own_sip = OwnSip::unknown;
  weighed_.own_sip_poor = false;
  weighed_.own_sip_silent_since.reset();
}

bool Hearing::turned(Instant now) {
  const bool stalled = turned_ && now - *turned_ > listening_.stall;
  turned_ = now;
  if (stalled) start_anew(now);
  return stalled;
}

void Hearing::start_anew(Instant now) {
  void_before_ = now;
  for (auto& [path, source] : icmp_) source = Source{};
  for (auto& [target, sample] : witnesses_) sample = Sample{};
  sip_ = peer_ = Source{};
  own_sip_ = Sample{};
  forget_silence();
  weighed_.answering_since.reset();
  weighed_.own_sip_silent_since.reset();
  weighed_.serving_in_a_row = 0;
}

void Hearing::forget(Instant now) {
  const OwnLink link = link_;
  const auto turned = turned_;
  *this = Hearing(listening_);
  link_ = link;
  turned_ = turned;
  start_anew(now);
}

// When the primary fell silent stays known: a witness that was there until then does not become
// one that never answered.
void Hearing::forget_silence() {
  not_good_since_.reset();
  weighed_.host_down_since.reset();
  weighed_.service_down_since.reset();
}

void Hearing::keep_only(const std::set<std::string>& paths,
                        const std::set<std::string>& witnesses) {
  std::erase_if(icmp_, [&](const auto& one) { return !paths.contains(one.first); });
  std::erase_if(witnesses_, [&](const auto& one) { return !witnesses.contains(one.first); });
  std::erase_if(witness_answered_, [&](const auto& one) {
    if (witnesses.contains(one.first)) return false;
    // An edit of the witnesses must not turn a node that is cut off into one that has none.
    if (silent_since_)
      witness_remembered_ = std::max(witness_remembered_.value_or(Instant::min()), one.second);
    return true;
  });
}

const PeerWord* Hearing::word() const { return weighed_.peer_heard && word_ ? &*word_ : nullptr; }

Hearing::Standing Hearing::standing(const Failover& failover, Instant now) const {
  Standing heard{Heard::unknown, heard_of(sip_.last, failover.sip.period, now),
                 heard_of(peer_.last, failover.peer.period, now), false};
  for (const auto& [path, source] : icmp_)
    heard.host = any_of(heard.host, heard_of(source.last, failover.icmp.period, now));
  heard.host = any_of(heard.host, heard.peer);
  heard.vouched = heard.peer == Heard::answers && word_ && word_->sip == OwnSip::answers;
  return heard;
}

const Weighed& Hearing::weigh(const Failover& failover, Instant now, WallTime wall) {
  announced_until_.set(announced_ ? std::optional(announced_->until) : std::nullopt, now, wall);
  if (announced_until_.over(now, wall)) announced_.reset();
  Standing heard = standing(failover, now);
  weighed_.peer_heard = heard.peer == Heard::answers && word_;
  const auto trouble = weighed_.peer_heard ? word_->trouble : ServiceTrouble::unknown;
  weighed_.trouble = trouble;
  for (const ServiceTrouble each :
       {ServiceTrouble::unknown, ServiceTrouble::failed, ServiceTrouble::restarting})
    if (service_confirmation(failover, trouble) > service_confirmation(failover, each))
      longer_until_[static_cast<std::size_t>(each)] = now;
  weighed_.trouble_since = longer_until_[static_cast<std::size_t>(trouble)];
  // Poor answers are answers, until there was nothing better for the whole time.
  const Duration confirmation = service_confirmation(failover, weighed_.trouble);
  if (heard.sip == Heard::answers && sip_.last.poor && not_good_since_ &&
      now - *not_good_since_ >= confirmation)
    heard.sip = Heard::silent;
  follow(judge(heard, failover, now), heard, failover, now);
  follow_own_sip(now);
  return weighed_;
}

// The table of evidence, from top to bottom.
Hearing::Verdict Hearing::judge(const Standing& heard, const Failover& failover, Instant now) {
  const bool quiet = heard.sip != Heard::answers && heard.host != Heard::answers;
  const bool known = heard.sip != Heard::unknown || heard.host != Heard::unknown;
  if (!quiet) silent_since_.reset();
  // Where our own link is gone nothing can be asked, but that is when the silence begins: later the
  // witnesses, silent for as long, would look as if they had never been there.
  if (quiet && (known || is_cut_off(link_)) && !silent_since_) silent_since_ = now;

  if (is_cut_off(link_)) return {isolated, cut_off_by(link_)};
  const Verdict found = judge_heard(heard, failover, now);
  if (!announced_) return found;
  Verdict announced{maintenance, "the primary announced its maintenance"};
  announced.cut_off_beneath = found.verdict == isolated;
  return announced;
}

Hearing::Verdict Hearing::judge_heard(const Standing& heard, const Failover& failover,
                                      Instant now) {
  if (heard.sip == Heard::answers) return {serving, "it answers SIP"};
  if (heard.sip == Heard::silent && heard.host == Heard::answers) {
    if (heard.vouched)
      return {serving, "its operator says that SIP answers there; the way to it is broken", true};
    return {service_down, "the host answers, SIP does not"};
  }
  if (heard.sip == Heard::silent) return judge_silence(heard.host, failover, now);
  if (heard.vouched) return {serving, "its operator says that SIP answers there"};
  return {unknown, "it can not be asked"};
}

// Nothing of it is heard: is it the primary, or is it us?
Hearing::Verdict Hearing::judge_silence(Heard host, const Failover& failover, Instant now) {
  const auto patience = std::min<Duration>(kWitnessSilence, failover.confirm_host_down / 2);
  bool usable = false, answers = false, doubt = false;
  for (const auto& [target, sample] : witnesses_) {
    const auto found = witness_answered_.find(target);
    if (found == witness_answered_.end() && !witness_remembered_) continue;
    const bool really = found != witness_answered_.end();
    const Instant answered = really ? found->second : *witness_remembered_;
    if (silent_since_ && answered < *silent_since_ - listening_.witness_fresh) continue;
    usable = true;
    if (really && now - answered <= patience)
      answers = true;
    else if (heard_of(sample, kWitnessPeriod, now) == Heard::unknown)
      doubt = true;
  }
  weighed_.witness_usable = usable;
  if (usable && !answers && doubt) return {unknown, "the witnesses can not be asked"};
  if (usable && !answers) return {isolated, "no witness answers either: it is this node"};
  if (host == Heard::unknown)
    return {service_down, "SIP is silent, and whether the host is there can not be asked"};
  return {host_down, usable ? "it is silent on every path, and a witness answers"
                            : "it is silent on every path; no witness is usable"};
}

// The last of its targets to fall silent counts.
Instant Hearing::host_silent_since(const Failover& failover, Instant now) const {
  std::optional<Instant> since;
  const auto weigh_in = [&](const Source& source, Duration period) {
    if (source.silent_since && heard_of(source.last, period, now) == Heard::silent)
      since = since ? std::max(*since, *source.silent_since) : source.silent_since;
  };
  for (const auto& [path, source] : icmp_) weigh_in(source, failover.icmp.period);
  weigh_in(sip_, failover.sip.period);
  weigh_in(peer_, failover.peer.period);
  return std::max(excused_, since.value_or(now));
}

void Hearing::follow(const Verdict& verdict, const Standing& heard, const Failover& failover,
                     Instant now) {
  if (!silent_since_)
    weighed_.witness_usable =
        std::any_of(witness_answered_.begin(), witness_answered_.end(),
                    [&](const auto& one) { return now - one.second <= listening_.witness_fresh; });
  weighed_.verdict = verdict.verdict;
  weighed_.why = verdict.why;
  weighed_.sip_path_broken = verdict.sip_path_broken;

  // What a broken way or our own cut hid was no silence of the primary, under a maintenance as
  // well. A way that could not be asked for a moment is no excuse; witnesses that could not be are
  // one.
  const bool cut_off = verdict.verdict == isolated || verdict.cut_off_beneath;
  const bool vouched = heard.vouched && heard.sip != Heard::answers;
  if (heard.vouched) excused_ = std::max(excused_, peer_.last.at);
  if (verdict.verdict == isolated || verdict.verdict == maintenance ||
      (verdict.verdict == unknown && heard.sip == Heard::silent))
    excused_ = now;
  if (verdict.verdict != host_down) weighed_.host_down_since.reset();
  if (verdict.verdict == host_down && !weighed_.host_down_since)
    weighed_.host_down_since = host_silent_since(failover, now);
  const bool down = verdict.verdict == host_down || verdict.verdict == service_down;
  // It may serve while it is announced to be away.
  const bool good = (heard.sip == Heard::answers && !sip_.last.poor) || heard.vouched;
  if (verdict.verdict == serving || cut_off || good)
    weighed_.service_down_since.reset();
  else if (down && !weighed_.service_down_since)
    weighed_.service_down_since = now;
  if (cut_off || vouched) not_good_since_.reset();
  // Poor answers before the silence belong to it.
  if (down && weighed_.service_down_since && not_good_since_)
    weighed_.service_down_since = std::min(*weighed_.service_down_since, *not_good_since_);

  const bool answering =
      verdict.verdict == serving && heard.sip == Heard::answers && !sip_.last.poor;
  if (!answering) weighed_.answering_since.reset();
  if (answering && !weighed_.answering_since) weighed_.answering_since = sip_.last.at;
  if (verdict.verdict != serving && verdict.verdict != unknown) weighed_.serving_in_a_row = 0;
  const Instant newest = heard.sip == Heard::unknown ? peer_.last.at : sip_.last.at;
  if (verdict.verdict == serving && newest > counted_) {
    ++weighed_.serving_in_a_row;
    counted_ = newest;
  }
}

void Hearing::follow_own_sip(Instant now) {
  const Heard heard = heard_of(own_sip_, kOwnSipPeriod, now);
  weighed_.own_sip_poor = heard == Heard::answers && own_sip_.poor;
  weighed_.own_sip = heard == Heard::answers  ? OwnSip::answers
                     : heard == Heard::silent ? OwnSip::silent
                                              : OwnSip::unknown;
  if (heard != Heard::silent) weighed_.own_sip_silent_since.reset();
  if (heard == Heard::silent && !weighed_.own_sip_silent_since)
    weighed_.own_sip_silent_since = own_sip_.at;
}

}  // namespace tandem
