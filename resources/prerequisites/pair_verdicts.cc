#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "pbx/profile.h"
#include "resources/prerequisites/verdicts.h"

namespace tandem {
namespace {

using std::chrono::nanoseconds;

Condition condition(const char* type, Truth status, std::string reason, std::string message) {
  return {type, status, std::move(reason), std::move(message), true};
}

Condition unknown(const char* type, std::string reason, std::string message) {
  return condition(type, Truth::unknown, std::move(reason), std::move(message));
}

// Why the other node's facts are not there; nullopt: they are.
std::optional<Condition> without_peer(const char* type, const Answers& answers) {
  if (!answers.peer) return unknown(type, "NotAsked", "the other node was not asked yet");
  if (!answers.peer->ok())
    return unknown(type, "PeerNotAsked",
                   "the other node could not be asked: " + answers.peer->error().message);
  return std::nullopt;
}

std::string why_of(const NodeFacts& facts, const char* fact) {
  const auto found = facts.unknown.find(fact);
  return found == facts.unknown.end() ? "it did not say why" : found->second;
}

// Why one of the two did not tell `fact`.
Condition not_told(const char* type, const char* fact, bool own_known, const Answers& answers) {
  const NodeFacts& facts = own_known ? answers.peer->value().facts : *answers.own;
  return unknown(type, "NotTold",
                 fmt::format("{} node does not know: {}", own_known ? "the other" : "this",
                             why_of(facts, fact)));
}

struct Trait {
  const char* name;
  const char* remedy;
  bool (*same)(const NodeFacts& one, const NodeFacts& other);
  bool (*known)(const NodeFacts& facts);
};

bool share_a_key(const std::vector<std::string>& one, const std::vector<std::string>& other) {
  return std::ranges::any_of(
      one, [&](const std::string& key) { return std::ranges::find(other, key) != other.end(); });
}

constexpr const char* kKeysRemedy =
    "rm /etc/ssh/ssh_host_*_key*; ssh-keygen -A; systemctl restart ssh";

constexpr Trait kTraits[] = {
    {"machine id", "rm /etc/machine-id; systemd-machine-id-setup; reboot",
     [](const NodeFacts& a, const NodeFacts& b) { return a.machine == b.machine; },
     [](const NodeFacts& f) { return !f.machine.empty(); }},
    {"system UUID", "give the virtual machine a UUID of its own in its hypervisor",
     [](const NodeFacts& a, const NodeFacts& b) { return a.system == b.system; },
     [](const NodeFacts& f) { return !f.system.empty(); }},
    {"host keys of sshd", kKeysRemedy,
     [](const NodeFacts& a, const NodeFacts& b) { return share_a_key(a.host_keys, b.host_keys); },
     [](const NodeFacts& f) { return !f.host_keys.empty(); }},
    {"system identifier of PostgreSQL",
     "make its cluster with pg_createcluster, and no copy of the other's data directory",
     [](const NodeFacts& a, const NodeFacts& b) {
       return a.postgres->system_identifier == b.postgres->system_identifier;
     },
     [](const NodeFacts& f) { return f.postgres && !f.postgres->system_identifier.empty(); }},
};

Condition clones(Truth status, std::string reason, std::string message) {
  return {"NodesCloned", status, std::move(reason), std::move(message), false};
}

Condition cloned_by_facts(const NodeFacts& own, const NodeFacts& peer) {
  std::vector<std::string> same, compared;
  for (const Trait& trait : kTraits) {
    if (!trait.known(own) || !trait.known(peer)) continue;
    compared.emplace_back(trait.name);
    if (trait.same(own, peer)) same.push_back(fmt::format("{} ({})", trait.name, trait.remedy));
  }
  if (!same.empty())
    return clones(Truth::yes, "SameIdentity",
                  fmt::format("one node is a copy of the other, and nothing may be replicated "
                              "between them; the same are: {}. Mend it on the secondary",
                              fmt::join(same, "; ")));
  if (compared.empty())
    return clones(Truth::unknown, "NotTold", "neither identity could be compared");
  return clones(Truth::no, "TwoNodes",
                fmt::format("each node has its own {}", fmt::join(compared, ", ")));
}

// What a secondary sees by itself.
Condition cloned_by_keys(const Answers& answers) {
  if (!answers.host_keys || !answers.own)
    return clones(Truth::unknown, "NotAsked", "the other node was not asked yet");
  if (!answers.host_keys->ok())
    return clones(Truth::unknown, "PeerNotAsked", answers.host_keys->error().message);
  if (answers.own->host_keys.empty())
    return clones(Truth::unknown, "NotTold", why_of(*answers.own, "hostKeys"));
  if (share_a_key(answers.own->host_keys, answers.host_keys->value()))
    return clones(Truth::yes, "SameIdentity",
                  fmt::format("both nodes have the same host keys of sshd, as copies of one "
                              "machine have; on this node: {}",
                              kKeysRemedy));
  return clones(Truth::no, "TwoNodes",
                "the host keys of sshd differ; the rest is asked by the primary");
}

}  // namespace

Condition nodes_cloned(const Goal& goal, const Answers& answers) {
  if (goal.role == Role::secondary) return cloned_by_keys(answers);
  if (auto missing = without_peer("NodesCloned", answers)) {
    missing->good_when_true = false;
    return *missing;
  }
  return cloned_by_facts(*answers.own, answers.peer->value().facts);
}

Condition versions_equal(const Goal& goal, const Answers& answers) {
  constexpr const char* kType = "VersionsEqual";
  if (auto missing = without_peer(kType, answers)) return *missing;
  const std::string& own = answers.own->product_version;
  const std::string& peer = answers.peer->value().facts.product_version;
  if (own.empty() || peer.empty()) return not_told(kType, "productVersion", !own.empty(), answers);
  if (own == peer) return condition(kType, Truth::yes, "SameVersion", "both nodes have " + own);
  return condition(kType, Truth::no, "VersionsDiffer",
                   fmt::format("this node has {}, the secondary {}: their databases have different "
                               "tables, and a copy fails or does harm; on the older: {}",
                               own, peer, profile_of(goal.product).upgrade_program));
}

Condition postgres_majors_equal(const Goal&, const Answers& answers) {
  constexpr const char* kType = "PostgresMajorsEqual";
  if (auto missing = without_peer(kType, answers)) return *missing;
  const auto& own = answers.own->postgres;
  const auto& peer = answers.peer->value().facts.postgres;
  if (!own || !peer) return not_told(kType, "postgres", own.has_value(), answers);
  if (own->major == peer->major)
    return condition(kType, Truth::yes, "SameMajor",
                     fmt::format("both nodes have PostgreSQL {}", own->major));
  return condition(
      kType, Truth::no, "MajorsDiffer",
      fmt::format("this node has PostgreSQL {}, the secondary {}; on the one with the older: "
                  "pg_upgradecluster {} main",
                  own->major, peer->major, std::min(own->major, peer->major)));
}

Condition locales_equal(const Goal&, const Answers& answers) {
  constexpr const char* kType = "LocalesEqual";
  if (auto missing = without_peer(kType, answers)) return *missing;
  const auto& own = answers.own->postgres;
  const auto& peer = answers.peer->value().facts.postgres;
  if (!own || !peer) return not_told(kType, "postgres", own.has_value(), answers);
  const auto shown = [](const DatabaseTraits& facts) {
    return facts.collate == facts.ctype
               ? fmt::format("{} in {}", facts.encoding, facts.collate)
               : fmt::format("{} in {} and {}", facts.encoding, facts.collate, facts.ctype);
  };
  if (shown(*own) == shown(*peer))
    return condition(kType, Truth::yes, "SameLocale", "both databases are " + shown(*own));
  return condition(
      kType, Truth::no, "LocalesDiffer",
      fmt::format("the database of this node is {}, of the secondary {}: the copy fails with "
                  "localization errors. On the secondary put {} into /etc/locale.gen, run "
                  "locale-gen, and make its database anew in that locale",
                  shown(*own), shown(*peer), own->collate));
}

Condition peer_wizard_passed(const Goal& goal, const Answers& answers) {
  constexpr const char* kType = "PeerWizardPassed";
  if (auto missing = without_peer(kType, answers)) return *missing;
  const auto& passed = answers.peer->value().facts.wizard_passed;
  if (!passed) return not_told(kType, "wizardPassed", true, answers);
  if (*passed) return condition(kType, Truth::yes, "Configured", "the secondary's wizard passed");
  return condition(kType, Truth::no, "WizardNotPassed",
                   fmt::format("the set-up wizard of the secondary has not passed: finish it in "
                               "its web interface, https://{}",
                               goal.peer_address));
}

// The other node read its clock somewhere between our question and its answer.
Condition clocks_agree(const Goal&, const Answers& answers) {
  constexpr const char* kType = "ClocksAgree";
  if (auto missing = without_peer(kType, answers)) return *missing;
  const PeerAnswer& answer = answers.peer->value();
  const nanoseconds theirs{answer.facts.clock};
  const nanoseconds behind = answer.asked - theirs;    // at least, where positive
  const nanoseconds ahead = theirs - answer.answered;  // likewise
  const auto seconds = [](nanoseconds time) { return std::chrono::duration<double>(time).count(); };
  const nanoseconds apart = std::max(behind, ahead);
  if (apart <= kClockSkewMax)
    return condition(kType, Truth::yes, "Agree",
                     fmt::format("the clocks agree, as far as an answer within {:.1f} s can tell",
                                 seconds(answer.answered - answer.asked)));
  return condition(
      kType, Truth::no, "ClocksApart",
      fmt::format("the secondary's clock is at least {:.1f} s {}: ages and logs of the two can not "
                  "be compared; on both: timedatectl set-ntp true",
                  seconds(apart), ahead > behind ? "ahead" : "behind"));
}

}  // namespace tandem
