// The five questions of a bad night, answered from what one node knows: who serves, can people
// call, will it hold, what broke, what do I do now. Pure: for the status page and whoever else asks
// the API.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/condition.h"
#include "core/failover.h"
#include "core/pair.h"

namespace tandem {

// How something stands, for the eye: `waits` is meant so, passes by itself or has time.
enum class Standing { well, waits, unknown, not_well };
// "Well", "Waits", "Unknown", "NotWell"
std::string_view standing_name(Standing standing);
// Of a condition: what a person has ordered or declared, and what can stay so for long, waits.
Standing standing_of(const Condition& condition);

// What is known; everything that a person reads here is a text of this program or of the vendor's.
struct NightFacts {
  std::string node;       // this one
  std::string peer;       // "": none is known
  Role role = Role::off;  // of this node
  bool in_force = false;  // a declaration is
  NodeState state = NodeState::off;
  OwnSip sip = OwnSip::unknown;
  std::vector<std::string> impaired;      // what calls need beside SIP, and is down here
  std::optional<PrimaryVerdict> verdict;  // on the secondary alone
  std::string verdict_why;
  bool link_set_up = false;
  std::optional<PeerWord> word;  // of the other node; nullopt: it is not heard now
  std::vector<Condition> conditions;
  std::string why;                // `tandem why`: the sentence
  std::string why_next;           // and what a person can do
  std::string next;               // what a person may raise next
  std::optional<Duration> bound;  // nullopt: nobody acts by himself
  Duration objective{};
};

struct NightAnswer {
  Standing standing = Standing::unknown;
  std::string word;      // one or two: "pbx-a", "yes", "3 things"
  std::string clause;    // a part of the headline: "people can call"
  std::string sentence;  // what it is taken from
};

// Something to do, the most pressing first.
struct NightAdvice {
  std::string about;  // "condition/SecondaryFit", "failover", "node/pbx-b", "declaration"
  Standing standing = Standing::waits;
  std::string sentence;
  std::vector<std::string> commands;  // of the sentence
};

struct NightAnswers {
  static constexpr std::size_t kAdviceMax = 12;

  NightAnswer serves, calls, holds, broke, next;
  std::vector<NightAdvice> advice;
  std::string headline;  // all five in two sentences, without numbers that change each second
};

NightAnswers night_answers(const NightFacts& facts);

}  // namespace tandem
