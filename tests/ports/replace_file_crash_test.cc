// A kill before and after every system call of a real replacement: the file is the old or the new
// one whole, with one of their modes, and the next call clears up.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <iostream>

#include "ports/real_filesystem.h"
#include "tests/ports/syscall_stepper.h"
#include "tests/ports/temporary_folder.h"

namespace tandem {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::string kOld = "the old content";
const std::string kNew(100'000, 'n');  // more than a page, and more than a pipe

class ReplaceFileCrashTest : public testing::Test {
 protected:
  struct Node {
    TemporaryFolder folder{base_in_memory()};
    boost::asio::io_context io;
    RealFilesystem files{io.get_executor(), folder.path()};

    std::vector<std::string> names() { return files.list("/").value(); }
    std::string text() { return content_of(folder / "file"); }
  };
  using Act = std::function<bool(Filesystem&)>;

  // Kills `act` at every stop, each time on a node of its own. The number of kills.
  static int kill_everywhere(const std::function<void(Node&)>& prepare, const Act& act,
                             const std::function<void(Node&)>& check) {
    for (int stop = 0;; ++stop) {
      Node node;
      prepare(node);
      const auto stepped = step_through([&] { return act(node.files) ? 0 : 1; }, stop);
      if (!stepped.permitted) return -1;
      SCOPED_TRACE("killed at stop " + std::to_string(stop));
      check(node);
      if (testing::Test::HasFailure()) return stop;
      if (stepped.killed) continue;
      EXPECT_EQ(stepped.code, 0);
      return stop;
    }
  }

  static void report(const char* what, int kills, int least) {
    if (kills < 0) GTEST_SKIP() << "tracing is not permitted";
    std::cout << "crash of " << what << ": " << kills << " kills at system calls examined\n";
    EXPECT_GT(kills, least) << "the steps of the write were not seen";
  }
};

TEST_F(ReplaceFileCrashTest, LeavesTheOldOrTheNewFileWhole) {
  int old_seen = 0, new_seen = 0, temporaries = 0;
  const int kills =
      kill_everywhere([](Node& node) { ASSERT_TRUE(node.files.replace("/file", kOld, 0640).ok()); },
                      [](Filesystem& files) { return files.replace("/file", kNew, 0644).ok(); },
                      [&](Node& node) {
                        const auto text = node.text();
                        ASSERT_TRUE(text == kOld || text == kNew) << text.size() << " bytes";
                        EXPECT_EQ(mode_of(node.folder / "file"), 0640U) << "the mode is kept";
                        (text == kOld ? old_seen : new_seen)++;
                        temporaries += node.names().size() == 2 ? 1 : 0;
                        ASSERT_LE(node.names().size(), 2U);
                        ASSERT_TRUE(node.files.replace("/file", kNew, 0644).ok());
                        EXPECT_THAT(node.names(), ElementsAre("file"));
                        EXPECT_EQ(node.text(), kNew);
                      });
  report("replace_file", kills, 20);
  if (kills < 0) return;
  EXPECT_GT(old_seen, 0);
  EXPECT_GT(new_seen, 0);
  EXPECT_GT(temporaries, 0);
}

TEST_F(ReplaceFileCrashTest, LeavesNoFileOrANewOneWhole) {
  const int kills = kill_everywhere(
      [](Node&) {}, [](Filesystem& files) { return files.replace("/file", kNew, 0644).ok(); },
      [&](Node& node) {
        if (std::filesystem::exists(node.folder / "file")) {
          EXPECT_EQ(node.text(), kNew);
          EXPECT_EQ(mode_of(node.folder / "file"), 0644U) << "it never has another";
        }
        ASSERT_TRUE(node.files.remove("/file").ok());
        EXPECT_THAT(node.names(), IsEmpty());
      });
  report("a new file", kills, 20);
}

// A start that is killed as well finds what the last one left, and leaves no more of it.
TEST_F(ReplaceFileCrashTest, GathersNoLeftoversOverManyKills) {
  Node node;
  ASSERT_TRUE(node.files.replace("/file", kOld, 0644).ok());
  int stop = 0;
  for (bool killed = true; killed; ++stop) {
    const auto stepped =
        step_through([&] { return node.files.replace("/file", kOld, 0644).ok() ? 0 : 1; }, stop);
    if (!stepped.permitted) GTEST_SKIP() << "tracing is not permitted";
    killed = stepped.killed;
    EXPECT_EQ(node.text(), kOld);
    ASSERT_LE(node.names().size(), 2U) << "stop " << stop;
  }
  EXPECT_THAT(node.names(), ElementsAre("file"));
  report("replace_file over leftovers", stop, 20);
}

TEST_F(ReplaceFileCrashTest, RemovesAllOrNothing) {
  const int kills = kill_everywhere(
      [](Node& node) {
        ASSERT_TRUE(node.files.replace("/file", kOld, 0644).ok());
        write_to(node.folder / ".file.tandem-aaaaaa", "left");
      },
      [](Filesystem& files) { return files.remove("/file").ok(); },
      [&](Node& node) {
        if (std::filesystem::exists(node.folder / "file")) {
          EXPECT_EQ(node.text(), kOld);
        }
        ASSERT_TRUE(node.files.remove("/file").ok());
        EXPECT_THAT(node.names(), IsEmpty());
      });
  report("remove_file", kills, 15);
}

// The unit's umask is 0077, and the vendor's programs are not all root's: a folder must have its
// mode from the first moment on, since the next call takes it as it is.
TEST_F(ReplaceFileCrashTest, LeavesFoldersWithTheirModeThatTheNextCallFinishes) {
  const int kills =
      kill_everywhere([](Node&) {},
                      [](Filesystem& files) {
                        umask(0077);
                        return files.make_directories("/a/b/c").ok();
                      },
                      [&](Node& node) {
                        for (const char* made : {"a", "a/b", "a/b/c"}) {
                          if (std::filesystem::exists(node.folder / made)) {
                            EXPECT_EQ(mode_of(node.folder / made), 0755U) << made;
                          }
                        }
                        ASSERT_TRUE(node.files.make_directories("/a/b/c").ok());
                        ASSERT_TRUE(node.files.replace("/a/b/c/file", kNew, 0600).ok());
                      });
  report("make_directories", kills, 20);
}

}  // namespace
}  // namespace tandem
