#include "ports/real_trees.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "tests/ports/temporary_folder.h"
#include "tests/run.h"

namespace tandem {
namespace {

namespace fs = std::filesystem;

class RealTreesTest : public testing::Test {
 protected:
  RealTreesTest() {
    fs::create_directories(folder_ / "tree/sub");
    write_to(folder_ / "tree/a", "abc");
    write_to(folder_ / "tree/sub/b", "de");
  }

  Result<std::optional<TreeLook>> ask(const Tree& tree) { return run(io_, trees_.look(tree)); }
  TreeLook look(std::vector<TreeRule> rules = {}) {
    return *ask({"/tree", std::move(rules)}).value();
  }

  TemporaryFolder folder_;
  boost::asio::io_context io_;
  RealTrees trees_{io_.get_executor(), folder_.path()};
};

TEST_F(RealTreesTest, CountsWhatIsThere) {
  const auto seen = look();
  EXPECT_EQ(seen.files, 2U);
  EXPECT_EQ(seen.folders, 1U);
  EXPECT_EQ(seen.bytes, 5U);
  EXPECT_EQ(seen.place, fs::canonical(folder_ / "tree").string());
  EXPECT_TRUE(seen.mounts.empty());
  EXPECT_EQ(look(), seen) << "the same again";
}

TEST_F(RealTreesTest, LeavesOutWhatDoesNotBelong) {
  const auto seen = look({{TreeRule::Verb::exclude, "/sub"}});
  EXPECT_EQ(seen.files, 1U);
  EXPECT_EQ(seen.folders, 0U);
}

TEST_F(RealTreesTest, HasAnotherStampForEveryChange) {
  std::set<std::uint64_t> stamps{look().stamp};
  const auto is_new = [&] { return stamps.insert(look().stamp).second; };
  write_to(folder_ / "tree/a", "abcd");
  EXPECT_TRUE(is_new()) << "size";
  const auto time = fs::last_write_time(folder_ / "tree/a");
  write_to(folder_ / "tree/a", "xbcd");
  fs::last_write_time(folder_ / "tree/a", time);
  EXPECT_TRUE(is_new()) << "content, with the old time put back";
  chmod((folder_ / "tree/sub/b").c_str(), 0600);
  EXPECT_TRUE(is_new()) << "mode";
  fs::rename(folder_ / "tree/sub/b", folder_ / "tree/sub/c");
  EXPECT_TRUE(is_new()) << "name";
  fs::create_symlink("one", folder_ / "tree/link");
  EXPECT_TRUE(is_new()) << "a link";
  fs::create_directories(folder_ / "tree/empty");
  EXPECT_TRUE(is_new()) << "a folder";
  fs::remove(folder_ / "tree/a");
  EXPECT_TRUE(is_new()) << "a removal";
}

TEST_F(RealTreesTest, TellsNothingFromNoFolder) {
  EXPECT_FALSE(ask({"/nowhere", {}}).value());
  EXPECT_EQ(ask({"/tree/a", {}}).error().fault, Fault::invalid);
}

TEST_F(RealTreesTest, FollowsLinksToTheTopWithinTheRootAndNoneBelow) {
  fs::create_symlink("/tree", folder_ / "link");
  fs::create_symlink("/", folder_ / "tree/loop");
  const auto seen = *ask({"/link", {}}).value();
  EXPECT_EQ(seen.place, fs::canonical(folder_ / "tree").string());
  EXPECT_EQ(seen.files, 3U);
}

TEST_F(RealTreesTest, HasALimitOfDepth) {
  std::string path = folder_ / "tree";
  for (int i = 0; i <= Trees::kDepthMax + 1; ++i) path += "/d";
  fs::create_directories(path);
  EXPECT_EQ(ask({"/tree", {}}).error().fault, Fault::too_large);
}

}  // namespace
}  // namespace tandem
