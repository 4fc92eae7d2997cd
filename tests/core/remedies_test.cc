#include "core/remedies.h"

#include <gmock/gmock.h>

namespace tandem {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Remedies, AreWhatStandsInBackquotesAndBeginsWithAProgram) {
  EXPECT_THAT(commands_in("mend it, then `tandem ack --reason ...`; see `systemctl --failed`"),
              ElementsAre("tandem ack --reason ...", "systemctl --failed"));
  EXPECT_THAT(commands_in("to serve: `/usr/sbin/xivo-manage-slave-services start`"),
              ElementsAre("/usr/sbin/xivo-manage-slave-services start"));
}

TEST(Remedies, AreNotFieldsNorNames) {
  EXPECT_THAT(commands_in("`spec.sip.preset: fast` shortens the registrations; `unknown` counts"),
              IsEmpty());
  EXPECT_THAT(commands_in("the operator of tandem is away, and tandem itself too"), IsEmpty());
  EXPECT_THAT(commands_in(""), IsEmpty());
  EXPECT_THAT(commands_in("an `unclosed tandem plan"), IsEmpty());
}

TEST(Remedies, EndWhereTheSentenceGoesOn) {
  EXPECT_THAT(commands_in("look at it, then run: tandem apply --structural --reason REASON"),
              ElementsAre("tandem apply --structural --reason REASON"));
  EXPECT_THAT(commands_in("run on the primary: tandem replicate database"),
              ElementsAre("tandem replicate database"));
  EXPECT_THAT(commands_in("nothing, until that is over: tandem status on the secondary"),
              ElementsAre("tandem status"));
  EXPECT_THAT(commands_in("On pbx-a: systemctl status tandem, and let TCP port 9878 in"),
              ElementsAre("systemctl status tandem"));
  EXPECT_THAT(commands_in("(tandem plan), tandem get generations; run: chmod 600 /etc/tandem/x."),
              ElementsAre("tandem plan", "tandem get generations", "chmod 600 /etc/tandem/x"));
  EXPECT_THAT(commands_in("to give it up: tandem divergence --discard --reason TEXT"),
              ElementsAre("tandem divergence --discard --reason TEXT"));
  EXPECT_THAT(commands_in("run: tandem maintenance --end --node pbx-a --reason REASON"),
              ElementsAre("tandem maintenance --end --node pbx-a --reason REASON"));
}

TEST(Remedies, AreEachToldOnceAndAreFew) {
  EXPECT_THAT(commands_in("`tandem why`, `tandem why`, tandem why"), ElementsAre("tandem why"));
  EXPECT_EQ(commands_in("`tandem a` `tandem b` `tandem c` `tandem d` `tandem e`").size(),
            kRemediesMax);
}

}  // namespace
}  // namespace tandem
