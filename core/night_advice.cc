#include "core/night_advice.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "core/failover_words.h"
#include "core/remedies.h"

namespace tandem {
namespace {

// What keeps people from calling, then what keeps a failure from being survived; the others behind
// them as they were told, and behind all what high availability needs beside this node's own order.
constexpr std::array<std::string_view, 22> kPressing{
    "SipPortBlocked",  "OwnSipAnswers",       "ServicesComplete",   "ActivationFailed",
    "TakeoverBlocked", "RoleConflict",        "Impaired",           "StoppedByHand",
    "NobodyFailsOver", "SecondaryFit",        "FailbackLatched",    "ManualActive",
    "StateDurable",    "AddressIsOurs",       "WizardPassed",       "SpecAccepted",
    "PeerLinkUp",      "SipPathBroken",       "DatabaseReplicated", "DataAgeObjectiveMet",
    "Suspended",       "DowntimeObjectiveMet"};

std::size_t rank_of(const Condition& condition) {
  if (condition.advisory) return kPressing.size() + 1;
  const auto at = std::find(kPressing.begin(), kPressing.end(), condition.type);
  return static_cast<std::size_t>(at - kPressing.begin());
}

NightAdvice advice_of(const Condition& condition) {
  NightAdvice advice{"condition/" + condition.type, standing_of(condition), condition.message,
                     commands_in(condition.message)};
  // What is beside this node's own order has time, known or not.
  if (condition.advisory) advice.standing = Standing::waits;
  if (condition.type == "Converged" && advice.commands.empty())
    advice.commands = {"tandem plan", "tandem get resources -o wide"};
  return advice;
}

NightAdvice advice_of_peer(const NightFacts& facts) {
  Standing worst = Standing::waits;
  for (const std::string& type : facts.word->not_well)
    if (standing_of({type, Truth::no, "", "", true}) == Standing::not_well)
      worst = Standing::not_well;
  return {"node/" + facts.peer,
          worst,
          fmt::format("{} tells that these are not well there: {}. Look at its own page, or type "
                      "on it `tandem status`",
                      facts.peer, fmt::join(facts.word->not_well, ", ")),
          {"tandem status"}};
}

// Eight conditions may want for one key: its remedy is told once.
void add(std::vector<NightAdvice>& told, NightAdvice advice) {
  const bool known = std::any_of(told.begin(), told.end(), [&](const NightAdvice& one) {
    return one.sentence == advice.sentence;
  });
  if (!known && told.size() < NightAnswers::kAdviceMax) told.push_back(std::move(advice));
}

// A state that a person waits for or ends; the two ordinary ones ask for nothing.
bool is_passing(NodeState state) {
  switch (state) {
    case NodeState::rejoining:
    case NodeState::suspect:
    case NodeState::activating:
    case NodeState::failback_hold:
    case NodeState::deactivating: return true;
    case NodeState::off:
    case NodeState::standby:
    case NodeState::serving:
    case NodeState::degraded:
    case NodeState::isolated:
    case NodeState::active:
    case NodeState::latched:
    case NodeState::faulted:
    case NodeState::maintenance: break;
  }
  return false;
}

bool is_ordinary(NodeState state) {
  return state == NodeState::off || state == NodeState::standby || state == NodeState::serving;
}

// What the state asks for, and what it waits for.
NightAdvice advice_of_state(const NightFacts& facts) {
  std::string sentence =
      fmt::format("{} is {}. {}", facts.node, state_name(facts.state), todo_of(facts.state));
  if (!facts.why.empty()) sentence += fmt::format(" Now: {}", facts.why);
  if (!facts.why_next.empty()) sentence += "; " + facts.why_next;
  auto commands = commands_in(sentence);
  if (commands.empty()) commands = {"tandem why"};
  const Standing standing = is_passing(facts.state) ? Standing::waits : Standing::not_well;
  return {"failover", standing, std::move(sentence), std::move(commands)};
}

}  // namespace

std::vector<NightAdvice> night_advice(const NightFacts& facts) {
  std::vector<Condition> open;
  for (const Condition& condition : facts.conditions)
    if (!is_well(condition) && condition.type != "Ready") open.push_back(condition);
  std::stable_sort(open.begin(), open.end(),
                   [](const Condition& a, const Condition& b) { return rank_of(a) < rank_of(b); });
  std::vector<NightAdvice> told;
  if (!is_ordinary(facts.state)) add(told, advice_of_state(facts));
  for (const Condition& condition : open)
    if (!condition.advisory) add(told, advice_of(condition));
  if (facts.word && !facts.word->not_well.empty()) add(told, advice_of_peer(facts));
  if (!facts.next.empty())
    add(told, {"declaration", Standing::waits, facts.next, commands_in(facts.next)});
  for (const Condition& condition : open)
    if (condition.advisory) add(told, advice_of(condition));
  return told;
}

NightAnswer what_now(const NightFacts& facts, const std::vector<NightAdvice>& advice) {
  const auto count = [&](Standing standing) {
    return std::count_if(advice.begin(), advice.end(),
                         [&](const NightAdvice& one) { return one.standing == standing; });
  };
  if (count(Standing::not_well) > 0)
    return {Standing::not_well, "act", "Act now, as told below",
            "from the top; each command is typed on the node that its sentence names, else on this "
            "one"};
  // What runs here is still being looked at: nothing is under way yet.
  if (facts.state == NodeState::rejoining)
    return {Standing::unknown, "look again", "Look again in half a minute",
            facts.why.empty() ? "what runs here is being looked at"
                              : fmt::format("{}: {}", facts.node, facts.why)};
  if (is_passing(facts.state))
    return {Standing::waits, "wait", "Wait, it is under way",
            facts.why.empty() ? "it is under way" : fmt::format("{}: {}", facts.node, facts.why)};
  if (count(Standing::unknown) > 0)
    return {Standing::unknown, "look again", "Look again in a minute",
            "what is not known yet is asked again by itself, each 30 s at most"};
  if (!advice.empty())
    return {Standing::waits, "not tonight", "Nothing needs to be done at night",
            "what is listed has time until working hours"};
  return {Standing::well, "nothing", "Nothing needs to be done", "nothing waits for a person"};
}

}  // namespace tandem
