#include "reconciler/board.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

Condition ready(const Board& board) { return board.summary().at(1); }

TEST(Board, IsReadyWithoutWhatIsOnlyAdvice) {
  Board board({});
  Condition advice{"PeerPingAllowed", Truth::no, "NoEcho", "it does not answer", true, true};
  board.put(advice, {});
  EXPECT_EQ(ready(board).status, Truth::yes);
  ASSERT_NE(board.condition("PeerPingAllowed"), nullptr) << "it is told all the same";
  advice.advisory = false;
  board.put(advice, {});
  EXPECT_EQ(ready(board).status, Truth::no);
  EXPECT_EQ(ready(board).message, "look at: PeerPingAllowed");
}

}  // namespace
}  // namespace tandem
