// The five answers in the nights that a pair can have.
#include "core/night.h"

#include <gmock/gmock.h>

namespace tandem {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

Condition well(const std::string& type) { return {type, Truth::yes, "Fine", "all is well"}; }
Condition bad(const std::string& type, const std::string& message = "broken") {
  return {type, Truth::no, "Broken", message};
}
// Of the kind whose True is not well.
Condition holds(const std::string& type, const std::string& reason, const std::string& message) {
  return {type, Truth::yes, reason, message, false};
}

PeerWord word_of(const std::string& node, Role role, NodeState state, OwnSip sip) {
  PeerWord word;
  word.node = node;
  word.role = role;
  word.state = state;
  word.sip = sip;
  return word;
}

// An ordinary night, seen from the primary.
NightFacts primary_night() {
  NightFacts facts;
  facts.node = "pbx-a";
  facts.peer = "pbx-b";
  facts.role = Role::primary;
  facts.in_force = true;
  facts.state = NodeState::serving;
  facts.sip = OwnSip::answers;
  facts.link_set_up = true;
  facts.word = word_of("pbx-b", Role::secondary, NodeState::standby, OwnSip::silent);
  facts.conditions = {well("SpecAccepted"), well("Ready")};
  facts.bound = std::chrono::seconds{92};
  facts.objective = std::chrono::minutes{5};
  return facts;
}

// And from the secondary.
NightFacts secondary_night() {
  NightFacts facts = primary_night();
  std::swap(facts.node, facts.peer);
  facts.role = Role::secondary;
  facts.state = NodeState::standby;
  facts.sip = OwnSip::silent;
  facts.verdict = PrimaryVerdict::serving;
  facts.word = word_of("pbx-a", Role::primary, NodeState::serving, OwnSip::answers);
  facts.why = "will not take over: the primary serves";
  return facts;
}

void expect(const NightAnswer& answer, Standing standing, const std::string& word) {
  EXPECT_EQ(standing_name(answer.standing), standing_name(standing)) << answer.sentence;
  EXPECT_EQ(answer.word, word);
  EXPECT_FALSE(answer.sentence.empty());
}

TEST(Night, IsQuietOnBothNodesOfAPairThatWorks) {
  for (const NightFacts& facts : {primary_night(), secondary_night()}) {
    const NightAnswers answers = night_answers(facts);
    expect(answers.serves, Standing::well, "pbx-a");
    expect(answers.calls, Standing::well, "yes");
    expect(answers.holds, Standing::well, "yes");
    EXPECT_THAT(answers.holds.sentence, HasSubstr("at most 92s; 5m are promised"));
    expect(answers.broke, Standing::well, "nothing");
    expect(answers.next, Standing::well, "nothing");
    EXPECT_EQ(answers.headline,
              "pbx-a serves, people can call; a failure would be survived, nothing is broken. "
              "Nothing needs to be done.");
  }
}

TEST(Night, TellsThatNobodyServesAndWhatTheSecondaryWaitsFor) {
  NightFacts facts = secondary_night();
  facts.verdict = PrimaryVerdict::host_down;
  facts.verdict_why = "nothing answers";
  facts.word.reset();
  facts.state = NodeState::suspect;
  facts.why = "would take over in 14 s";
  const NightAnswers answers = night_answers(facts);
  expect(answers.serves, Standing::not_well, "nobody");
  expect(answers.calls, Standing::not_well, "no");
  expect(answers.holds, Standing::waits, "in doubt");
  EXPECT_THAT(answers.holds.sentence, HasSubstr("would take over in 14 s"));
  expect(answers.next, Standing::waits, "wait");
  EXPECT_THAT(answers.headline, Not(HasSubstr("14 s"))) << "a reader aloud would repeat it";
}

TEST(Night, TellsOfATakeoverUnderWay) {
  NightFacts facts = secondary_night();
  facts.verdict = PrimaryVerdict::host_down;
  facts.word.reset();
  facts.state = NodeState::activating;
  expect(night_answers(facts).serves, Standing::not_well, "nobody yet");
}

// It starts nothing here, so nothing is under way that one could wait for.
TEST(Night, DoesNotTellToWaitForWhatNobodyDoes) {
  NightFacts facts = primary_night();
  facts.state = NodeState::rejoining;
  facts.sip = OwnSip::unknown;
  facts.why = "SIP has not answered yet";
  expect(night_answers(facts).next, Standing::unknown, "look again");
}

TEST(Night, TellsThatNobodyStandsBehindTheSecondaryThatServes) {
  NightFacts facts = secondary_night();
  facts.verdict = PrimaryVerdict::host_down;
  facts.word.reset();
  facts.state = NodeState::active;
  facts.sip = OwnSip::answers;
  NightAnswers answers = night_answers(facts);
  expect(answers.serves, Standing::waits, "pbx-b");
  expect(answers.calls, Standing::well, "yes");
  EXPECT_THAT(answers.calls.sentence, HasSubstr("within 92s"));
  expect(answers.holds, Standing::not_well, "no");
  EXPECT_EQ(answers.advice.front().about, "failover");
  EXPECT_THAT(answers.advice.front().sentence, HasSubstr("Mend the primary"));
  EXPECT_THAT(answers.advice.front().commands,
              testing::Contains("tandem failback --reason REASON"));

  facts.verdict = PrimaryVerdict::serving;
  facts.state = NodeState::failback_hold;
  answers = night_answers(facts);
  expect(answers.serves, Standing::waits, "both");
  expect(answers.holds, Standing::waits, "not yet");

  // The same, seen from the primary.
  facts = primary_night();
  facts.word = word_of("pbx-b", Role::secondary, NodeState::active, OwnSip::answers);
  facts.sip = OwnSip::silent;
  facts.state = NodeState::degraded;
  expect(night_answers(facts).serves, Standing::waits, "pbx-b");
  facts.sip = OwnSip::answers;
  facts.word->state = NodeState::standby;
  expect(night_answers(facts).serves, Standing::not_well, "both");
}

TEST(Night, TellsWhatIsNotKnownRatherThanThatItIsWell) {
  NightFacts facts = secondary_night();
  facts.verdict = PrimaryVerdict::unknown;
  facts.word.reset();
  facts.bound.reset();
  NightAnswers answers = night_answers(facts);
  expect(answers.serves, Standing::unknown, "not known");
  expect(answers.calls, Standing::unknown, "not known");

  facts = primary_night();
  facts.word.reset();
  expect(night_answers(facts).holds, Standing::unknown, "not known");
  facts = primary_night();
  facts.conditions.push_back({"SecondaryFit", Truth::unknown, "NotYet", "not asked"});
  answers = night_answers(facts);
  expect(answers.holds, Standing::unknown, "not known");
  expect(answers.broke, Standing::waits, "1 thing");
  expect(answers.next, Standing::unknown, "look again");
}

TEST(Night, TellsWhatWouldKeepATakeoverFromComing) {
  NightFacts facts = secondary_night();
  facts.conditions.push_back(holds("NobodyFailsOver", "ModeAdvise", "nobody acts"));
  NightAnswers answers = night_answers(facts);
  expect(answers.holds, Standing::not_well, "no");
  EXPECT_EQ(answers.holds.sentence, "nobody acts");

  facts.conditions.back() = holds("NobodyFailsOver", "SecondaryInMaintenance", "until noon");
  expect(night_answers(facts).holds, Standing::waits, "not now");
  facts.conditions.back() = holds("Suspended", "OrderedSuspended", "until noon");
  expect(night_answers(facts).holds, Standing::waits, "not now");
  facts.conditions.back() = {"SecondaryFit", Truth::no, "Misses", "it lacks a module"};
  expect(night_answers(facts).holds, Standing::waits, "not as promised");
  facts.conditions.back() = {"DowntimeObjectiveMet", Truth::no, "NobodyActs", "nobody", true, true};
  expect(night_answers(facts).holds, Standing::not_well, "no");

  // What the other node tells of itself counts as well.
  facts = primary_night();
  facts.word->not_well = {"SecondaryFit"};
  answers = night_answers(facts);
  expect(answers.holds, Standing::not_well, "no");
  expect(answers.broke, Standing::not_well, "1 thing");
  EXPECT_EQ(answers.broke.sentence, "not well: SecondaryFit on pbx-b");
  EXPECT_EQ(answers.advice.front().about, "node/pbx-b");
}

TEST(Night, TellsThatCallsSufferThoughSipAnswers) {
  NightFacts facts = primary_night();
  facts.impaired = {"postgresql", "wazo-agid"};
  expect(night_answers(facts).calls, Standing::waits, "in part");
  facts = primary_night();
  facts.conditions.push_back(holds("SipPortBlocked", "RuleLeft", "a rule of the firewall"));
  expect(night_answers(facts).calls, Standing::not_well, "no");
}

TEST(Night, TellsTheMostPressingFirstAndEachRemedyOnce) {
  NightFacts facts = primary_night();
  Condition advice = bad("DiskFree", "make room");
  advice.advisory = true;
  facts.conditions = {advice, bad("Converged", "not as declared: ha-conf"), bad("A", "the same"),
                      bad("B", "the same"),
                      holds("SipPortBlocked", "RuleLeft", "run `wazo-service start`")};
  const NightAnswers answers = night_answers(facts);
  std::vector<std::string> about;
  for (const NightAdvice& one : answers.advice) about.push_back(one.about);
  EXPECT_THAT(about, ElementsAre("condition/SipPortBlocked", "condition/Converged", "condition/A",
                                 "condition/DiskFree"));
  EXPECT_THAT(answers.advice[0].commands, ElementsAre("wazo-service start"));
  EXPECT_THAT(answers.advice[1].commands,
              ElementsAre("tandem plan", "tandem get resources -o wide"));
  expect(answers.next, Standing::not_well, "act");
}

TEST(Night, LeavesWhatHasTimeToTheDay) {
  NightFacts facts = primary_night();
  facts.next = "look at `tandem plan`";
  Condition advice = bad("DiskFree", "make room");
  advice.advisory = true;
  facts.conditions.push_back(advice);
  const NightAnswers answers = night_answers(facts);
  expect(answers.broke, Standing::well, "nothing");
  expect(answers.next, Standing::waits, "not tonight");
  EXPECT_EQ(answers.advice.size(), 2U);
}

TEST(Night, IsPlainAboutANodeThatIsInNoPair) {
  NightFacts facts;
  facts.node = "pbx-a";
  const NightAnswers answers = night_answers(facts);
  expect(answers.serves, Standing::unknown, "pbx-a");
  expect(answers.calls, Standing::unknown, "not known");
  expect(answers.holds, Standing::waits, "no");
}

// Whatever a node may know: five answers, in words, and never a good one out of nothing.
TEST(Night, HasFiveAnswersForEachStateAndEachWord) {
  for (std::size_t state = 0; state < kNodeStates; ++state)
    for (const OwnSip own : {OwnSip::unknown, OwnSip::answers, OwnSip::silent})
      for (std::size_t there = 0; there <= kNodeStates; ++there)
        for (const Role role : {Role::off, Role::primary, Role::secondary}) {
          NightFacts facts = role == Role::secondary ? secondary_night() : primary_night();
          facts.role = role;
          facts.state = static_cast<NodeState>(state);
          facts.sip = own;
          facts.verdict.reset();
          facts.word->state = static_cast<NodeState>(there);
          facts.word->sip = OwnSip::unknown;
          if (there == kNodeStates) facts.word.reset();
          const NightAnswers answers = night_answers(facts);
          for (const NightAnswer* one :
               {&answers.serves, &answers.calls, &answers.holds, &answers.broke, &answers.next}) {
            EXPECT_FALSE(one->word.empty());
            EXPECT_FALSE(one->clause.empty());
          }
          if (own == OwnSip::answers) continue;
          EXPECT_NE(answers.serves.standing, Standing::well);
          EXPECT_NE(answers.calls.standing, Standing::well);
          EXPECT_NE(answers.holds.standing, Standing::well);
        }
}

}  // namespace
}  // namespace tandem
