// What must hold of every resource that a node has.
#include "app/node.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

TEST(Node, SaysOfEveryResourceWhatItsReleaseMeans) {
  boost::asio::io_context io(1);
  Node node(io, OperatorConfig{}, false);
  for (const auto& resource : node.make_resources())
    EXPECT_FALSE(resource->on_release().empty())
        << resource->name() << " needs on_release, and desired() that follows Goal::released";
}

}  // namespace
}  // namespace tandem
