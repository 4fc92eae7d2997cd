// What must hold of every resource that a node has.
#include "app/node.h"

#include <gtest/gtest.h>

#include "reconciler/release.h"

namespace tandem {
namespace {

TEST(Node, SaysOfEveryResourceWhatItsReleaseMeans) {
  for (const std::string& resource : Node::resource_names())
    EXPECT_FALSE(on_release(resource).empty())
        << resource << " needs a line in reconciler/release.cc, and to take back what is its own";
}

}  // namespace
}  // namespace tandem
