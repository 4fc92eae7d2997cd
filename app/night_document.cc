#include "app/night_document.h"

#include "reconciler/failover/explanations.h"

namespace tandem {
namespace {

OrderedJson answer_json(const char* question, const NightAnswer& answer) {
  return {{"question", question},
          {"standing", standing_name(answer.standing)},
          {"word", answer.word},
          {"sentence", answer.sentence}};
}

void add_failover(const FailoverKeeper& keeper, NightFacts& facts) {
  const Situation& now = keeper.engine().situation();
  if (now.pair == nullptr || now.role == Role::off) return;
  const PeerWord own = keeper.word();
  facts.peer = now.role == Role::primary ? now.pair->secondary.name : now.pair->primary.name;
  facts.state = own.state;
  facts.sip = own.sip;
  facts.impaired = own.impaired;
  facts.verdict = keeper.verdict();
  if (facts.verdict) facts.verdict_why = now.weighed().why;
  facts.bound = keeper.bound_time();
  facts.objective = now.pair->objectives.max_downtime;
  Why told = why(keeper.engine());
  facts.why = std::move(told.sentence);
  facts.why_next = std::move(told.next);
}

}  // namespace

NightFacts night_facts(const Loop& loop, const std::string& node, const FailoverKeeper* keeper,
                       const PeerKeeper* link) {
  NightFacts facts;
  facts.node = node;
  facts.role = loop.goal() ? loop.goal()->role : Role::off;
  facts.in_force = loop.spec().accepted.has_value();
  for (const ConditionRecord& record : loop.board().conditions())
    facts.conditions.push_back(record.condition);
  facts.next = next_of(loop);
  if (keeper != nullptr) add_failover(*keeper, facts);
  if (link != nullptr) {
    facts.link_set_up = link->set_up();
    facts.word = link->word();
  }
  return facts;
}

OrderedJson night_document(const NightAnswers& answers) {
  OrderedJson json = {{"headline", answers.headline}};
  json["serves"] = answer_json("Who serves?", answers.serves);
  json["calls"] = answer_json("Can people call?", answers.calls);
  json["holds"] = answer_json("Will it hold?", answers.holds);
  json["broke"] = answer_json("What broke?", answers.broke);
  json["next"] = answer_json("What do I do now?", answers.next);
  json["advice"] = OrderedJson::array();
  for (const NightAdvice& advice : answers.advice)
    json["advice"].push_back({{"about", advice.about},
                              {"standing", standing_name(advice.standing)},
                              {"sentence", advice.sentence},
                              {"commands", advice.commands}});
  return json;
}

}  // namespace tandem
