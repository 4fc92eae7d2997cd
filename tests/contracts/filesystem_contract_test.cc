// One suite for the Filesystem in memory and the real one: what holds for the fake holds on a node.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ports/real_filesystem.h"
#include "tests/fakes/memory_filesystem.h"
#include "tests/ports/temporary_folder.h"
#include "tests/run.h"

namespace tandem {
namespace {

using testing::Contains;
using testing::ElementsAre;
using Names = std::vector<std::string>;
using Paths = std::set<std::string>;

struct RealWorld {
  void link(const std::string& path, const std::string& target) {
    std::filesystem::create_symlink(target, folder / path);
  }
  void fifo(const std::string& path) { ASSERT_EQ(mkfifo((folder / path).c_str(), 0644), 0); }
  bool is_link(const std::string& path) { return std::filesystem::is_symlink(folder / path); }

  TemporaryFolder folder;
  boost::asio::io_context io;
  RealFilesystem files{io.get_executor(), folder.path()};
};

struct MemoryWorld {
  void link(const std::string& path, const std::string& target) { files.links[path] = target; }
  void fifo(const std::string& path) { files.fifos.insert(path); }
  bool is_link(const std::string& path) { return files.links.contains(path); }

  boost::asio::io_context io;
  fakes::MemoryFilesystem files;
};

template <class World>
class FilesystemContract : public testing::Test {
 protected:
  FilesystemContract() {
    EXPECT_TRUE(files().make_directories("/etc/cron.d").ok());
    EXPECT_TRUE(files().replace("/etc/file", "old", 0640).ok());
  }

  Filesystem& files() { return world_.files; }
  std::string text(const std::string& path) {
    const auto content = files().read(path);
    return content.ok() ? content.value() : "(" + content.error().message + ")";
  }
  std::optional<FileStatus> status(const std::string& path) { return files().status(path).value(); }
  std::unique_ptr<Watch> watch(const Paths& paths) {
    return std::move(files().watch(paths)).value();
  }
  Paths next(const std::unique_ptr<Watch>& watch) { return run(world_.io, watch->next()).value(); }

  World world_;
};

template <class T>
Fault fault_in(const Result<T>& result) {
  EXPECT_FALSE(result.ok());
  if (result.ok()) return Fault::cancelled;
  EXPECT_NE(result.error().message, "");
  return result.error().fault;
}

struct Name {
  template <class World>
  static std::string GetName(int) {
    return std::is_same_v<World, RealWorld> ? "Real" : "Memory";
  }
};
using Worlds = testing::Types<RealWorld, MemoryWorld>;
TYPED_TEST_SUITE(FilesystemContract, Worlds, Name);

// A kill within replace() leaves at most one such file; nothing else removes it.
TYPED_TEST(FilesystemContract, RemovesWhatAKilledReplaceLeft) {
  const Names killed{"/etc/.file.tandem-k1lled", "/etc/.other.tandem-k1lled"};
  for (const auto& path : killed) ASSERT_TRUE(this->files().replace(path, "torn", 0600).ok());
  ASSERT_TRUE(this->files().replace("/etc/file", "new", 0644).ok());
  EXPECT_FALSE(this->status(killed[0]).has_value());
  EXPECT_TRUE(this->status(killed[1]).has_value()) << "another file's";
  ASSERT_TRUE(this->files().remove("/etc/other").ok()) << "it is not there itself";
  EXPECT_FALSE(this->status(killed[1]).has_value());
}

TYPED_TEST(FilesystemContract, ReadsWhatWasPutThere) {
  const std::string content("a\0b\nc\xff", 6);
  ASSERT_TRUE(this->files().replace("/etc/new", content, 0600).ok());
  EXPECT_EQ(this->text("/etc/new"), content);
  ASSERT_TRUE(this->files().replace("/etc/new", "", 0600).ok());
  EXPECT_EQ(this->text("/etc/new"), "");
}

TYPED_TEST(FilesystemContract, GivesTheModeToANewFileAndKeepsThatOfAnExistingOne) {
  ASSERT_TRUE(this->files().replace("/etc/new", "x", 0664).ok());
  EXPECT_EQ(this->status("/etc/new")->mode, 0664U);
  ASSERT_TRUE(this->files().replace("/etc/new", "y", 0600).ok());
  EXPECT_EQ(this->status("/etc/new")->mode, 0664U);
}

TYPED_TEST(FilesystemContract, SetsTheModeAndNothingElse) {
  ASSERT_TRUE(this->files().set_mode("/etc/file", 0400).ok());
  EXPECT_EQ(this->status("/etc/file")->mode, 0400U);
  EXPECT_EQ(this->text("/etc/file"), "old");
}

TYPED_TEST(FilesystemContract, SetsTheOwnerOfAFileOrFolderAndNothingElse) {
  this->world_.link("/etc/link", "file");
  this->world_.fifo("/etc/fifo");
  ASSERT_TRUE(this->files().set_owner("/etc/link", 12, 34).ok());
  EXPECT_EQ(this->status("/etc/file")->owner, 12U);
  EXPECT_EQ(this->status("/etc/file")->group, 34U);
  EXPECT_EQ(this->status("/etc/file")->mode, 0640U);
  EXPECT_EQ(this->text("/etc/file"), "old");
  ASSERT_TRUE(this->files().set_owner("/etc/cron.d", 1, 0).ok());
  EXPECT_EQ(this->status("/etc/cron.d")->owner, 1U);
  EXPECT_EQ(this->status("/etc/cron.d")->group, 0U);
  EXPECT_EQ(this->status("/etc")->owner, this->status("/")->owner);
  EXPECT_EQ(fault_in(this->files().set_owner("/etc/fifo", 0, 0)), Fault::invalid);
  EXPECT_EQ(fault_in(this->files().set_owner("/etc/none", 0, 0)), Fault::not_found);
  EXPECT_EQ(fault_in(this->files().set_owner("/etc/../etc/file", 0, 0)), Fault::invalid);
}

TYPED_TEST(FilesystemContract, TellsAFileFromADirectoryAndFromTheRest) {
  this->world_.fifo("/etc/fifo");
  EXPECT_EQ(this->status("/etc/file")->kind, FileStatus::Kind::file);
  EXPECT_EQ(this->status("/etc/file")->size, 3U);
  EXPECT_EQ(this->status("/etc")->kind, FileStatus::Kind::directory);
  EXPECT_EQ(this->status("/")->kind, FileStatus::Kind::directory);
  EXPECT_EQ(this->status("/etc/fifo")->kind, FileStatus::Kind::other);
}

TYPED_TEST(FilesystemContract, SaysWhatIsNotThere) {
  for (const auto* path : {"/etc/none", "/none/file"}) {
    EXPECT_EQ(fault_in(this->files().read(path)), Fault::not_found);
    EXPECT_EQ(fault_in(this->files().set_mode(path, 0600)), Fault::not_found);
    EXPECT_EQ(fault_in(this->files().list(path)), Fault::not_found);
    EXPECT_EQ(this->status(path), std::nullopt);
    EXPECT_TRUE(this->files().remove(path).ok());
  }
  EXPECT_EQ(fault_in(this->files().replace("/none/file", "x", 0600)), Fault::not_found);
}

TYPED_TEST(FilesystemContract, RefusesPathsThatCouldMeanAnything) {
  const std::string long_name(256, 'x');
  for (const std::string& path :
       {std::string(), std::string("etc/file"), std::string("/etc/../etc/file"), std::string("/.."),
        std::string("/etc/file\0x", 11), "/etc/" + long_name, std::string(5000, '/') + "x"}) {
    SCOPED_TRACE(path.substr(0, 20));
    EXPECT_EQ(fault_in(this->files().read(path)), Fault::invalid);
    EXPECT_EQ(fault_in(this->files().status(path)), Fault::invalid);
    EXPECT_EQ(fault_in(this->files().replace(path, "x", 0600)), Fault::invalid);
    EXPECT_EQ(fault_in(this->files().set_mode(path, 0600)), Fault::invalid);
    EXPECT_EQ(fault_in(this->files().remove(path)), Fault::invalid);
    EXPECT_EQ(fault_in(this->files().list(path)), Fault::invalid);
    EXPECT_EQ(fault_in(this->files().make_directories(path)), Fault::invalid);
    EXPECT_EQ(fault_in(this->files().watch({path})), Fault::invalid);
  }
}

TYPED_TEST(FilesystemContract, TakesSlashesAndDotsForNothing) {
  EXPECT_EQ(this->text("//etc/./file"), "old");
  ASSERT_TRUE(this->files().replace("/etc//file", "new", 0600).ok());
  EXPECT_EQ(this->text("/etc/file/"), "new");
}

TYPED_TEST(FilesystemContract, DoesNotTakeADirectoryForAFile) {
  for (const auto* path : {"/etc", "/etc/cron.d", "/"}) {
    EXPECT_EQ(fault_in(this->files().read(path)), Fault::invalid);
    EXPECT_EQ(fault_in(this->files().replace(path, "x", 0600)), Fault::invalid);
    EXPECT_EQ(fault_in(this->files().set_mode(path, 0600)), Fault::invalid);
    EXPECT_EQ(fault_in(this->files().remove(path)), Fault::invalid);
  }
}

TYPED_TEST(FilesystemContract, DoesNotTakeAFileForADirectory) {
  EXPECT_EQ(fault_in(this->files().read("/etc/file/x")), Fault::invalid);
  EXPECT_EQ(fault_in(this->files().replace("/etc/file/x", "x", 0600)), Fault::invalid);
  EXPECT_EQ(fault_in(this->files().list("/etc/file")), Fault::invalid);
  EXPECT_EQ(fault_in(this->files().make_directories("/etc/file/x")), Fault::invalid);
  EXPECT_EQ(fault_in(this->files().make_directories("/etc/file")), Fault::invalid);
  EXPECT_EQ(this->status("/etc/file/x"), std::nullopt);
  EXPECT_TRUE(this->files().remove("/etc/file/x").ok());
}

TYPED_TEST(FilesystemContract, DoesNotTakeAFifoForAFile) {
  this->world_.fifo("/etc/fifo");
  EXPECT_EQ(fault_in(this->files().read("/etc/fifo")), Fault::invalid);
  EXPECT_EQ(fault_in(this->files().replace("/etc/fifo", "x", 0600)), Fault::invalid);
  EXPECT_EQ(fault_in(this->files().set_mode("/etc/fifo", 0600)), Fault::invalid);
  EXPECT_EQ(fault_in(this->files().list("/etc/fifo")), Fault::invalid);
  EXPECT_TRUE(this->files().remove("/etc/fifo").ok());
  EXPECT_EQ(this->status("/etc/fifo"), std::nullopt);
}

TYPED_TEST(FilesystemContract, RemovesOnceAndIsContentTheSecondTime) {
  EXPECT_TRUE(this->files().remove("/etc/file").ok());
  EXPECT_EQ(this->status("/etc/file"), std::nullopt);
  EXPECT_TRUE(this->files().remove("/etc/file").ok());
  EXPECT_EQ(this->status("/etc")->kind, FileStatus::Kind::directory);
}

TYPED_TEST(FilesystemContract, ReadsUpToItsLimit) {
  EXPECT_EQ(this->files().read("/etc/file", 3).value(), "old");
  EXPECT_EQ(fault_in(this->files().read("/etc/file", 2)), Fault::too_large);
}

TYPED_TEST(FilesystemContract, ListsNamesInOrderUpToItsLimit) {
  ASSERT_TRUE(this->files().replace("/etc/a", "", 0600).ok());
  EXPECT_THAT(this->files().list("/etc").value(), ElementsAre("a", "cron.d", "file"));
  EXPECT_THAT(this->files().list("/").value(), ElementsAre("etc"));
  EXPECT_THAT(this->files().list("/etc/cron.d").value(), ElementsAre());
  EXPECT_TRUE(this->files().list("/etc", 3).ok());
  EXPECT_EQ(fault_in(this->files().list("/etc", 2)), Fault::too_large);
}

TYPED_TEST(FilesystemContract, MakesDirectoriesWithTheirParents) {
  ASSERT_TRUE(this->files().make_directories("/var/lib/tandem").ok());
  EXPECT_EQ(this->status("/var/lib")->mode, 0755U);
  EXPECT_TRUE(this->files().make_directories("/var/lib/tandem").ok());
  EXPECT_TRUE(this->files().make_directories("/").ok());
  EXPECT_TRUE(this->files().replace("/var/lib/tandem/state", "x", 0600).ok());
}

TYPED_TEST(FilesystemContract, FollowsALinkToAFileAndLeavesTheLink) {
  this->world_.link("/etc/link", "cron.d/target");
  this->world_.link("/etc/absolute", "/etc/link");
  ASSERT_TRUE(this->files().replace("/etc/cron.d/target", "old", 0644).ok());
  ASSERT_TRUE(this->files().replace("/etc/absolute", "new", 0600).ok());
  EXPECT_EQ(this->text("/etc/cron.d/target"), "new");
  EXPECT_EQ(this->text("/etc/link"), "new");
  EXPECT_EQ(this->status("/etc/link")->mode, 0644U);
  ASSERT_TRUE(this->files().set_mode("/etc/link", 0600).ok());
  EXPECT_EQ(this->status("/etc/cron.d/target")->mode, 0600U);
  EXPECT_TRUE(this->world_.is_link("/etc/link"));
  EXPECT_TRUE(this->world_.is_link("/etc/absolute"));
}

TYPED_TEST(FilesystemContract, RemovesALinkAndNotItsTarget) {
  this->world_.link("/etc/link", "file");
  ASSERT_TRUE(this->files().remove("/etc/link").ok());
  EXPECT_FALSE(this->world_.is_link("/etc/link"));
  EXPECT_EQ(this->text("/etc/file"), "old");
}

TYPED_TEST(FilesystemContract, FollowsALinkedFolder) {
  this->world_.link("/cron", "etc/./cron.d/");
  ASSERT_TRUE(this->files().replace("/cron/job", "x", 0644).ok());
  EXPECT_EQ(this->text("/etc/cron.d/job"), "x");
  EXPECT_THAT(this->files().list("/cron").value(), ElementsAre("job"));
  EXPECT_TRUE(this->files().make_directories("/cron/deep").ok());
  EXPECT_EQ(this->status("/etc/cron.d/deep")->kind, FileStatus::Kind::directory);
  EXPECT_TRUE(this->files().remove("/cron/job").ok());
  EXPECT_EQ(this->status("/etc/cron.d/job"), std::nullopt);
}

TYPED_TEST(FilesystemContract, CallsALinkToNothingNothing) {
  this->world_.link("/etc/link", "none");
  EXPECT_EQ(this->status("/etc/link"), std::nullopt);
  EXPECT_EQ(fault_in(this->files().read("/etc/link")), Fault::not_found);
  EXPECT_EQ(fault_in(this->files().make_directories("/etc/link")), Fault::invalid);
  ASSERT_TRUE(this->files().replace("/etc/link", "x", 0600).ok());
  EXPECT_EQ(this->text("/etc/none"), "x");
}

TYPED_TEST(FilesystemContract, GivesUpOnALoopOfLinks) {
  this->world_.link("/etc/one", "two");
  this->world_.link("/etc/two", "/etc/one");
  EXPECT_EQ(fault_in(this->files().read("/etc/one")), Fault::invalid);
  EXPECT_EQ(fault_in(this->files().status("/etc/one/below")), Fault::invalid);
  EXPECT_EQ(fault_in(this->files().replace("/etc/one", "x", 0600)), Fault::invalid);
  EXPECT_TRUE(this->files().remove("/etc/one").ok());
}

TYPED_TEST(FilesystemContract, TellsHowMuchRoomThereIs) {
  for (const char* path : {"/", "/etc", "/etc/file"}) {
    const auto space = this->files().space(path);
    ASSERT_TRUE(space.ok()) << space.error().message;
    EXPECT_GT(space.value().size, 0U);
    EXPECT_LE(space.value().available, space.value().size);
  }
  EXPECT_EQ(fault_in(this->files().space("/missing")), Fault::not_found);
}

TYPED_TEST(FilesystemContract, KeepsLinksUnderTheRoot) {
  this->world_.link("/etc/up", "../../../../../../../../../etc/file");
  this->world_.link("/etc/root", "../../../../../../../../..");
  EXPECT_EQ(this->text("/etc/up"), "old");
  EXPECT_THAT(this->files().list("/etc/root").value(), ElementsAre("etc"));
  EXPECT_EQ(this->text("/etc/root/etc/file"), "old");
}

TYPED_TEST(FilesystemContract, NoticesChangesOfTheWatchedPathsAlone) {
  const auto watch = this->watch({"/etc/file", "/etc/later"});
  ASSERT_TRUE(this->files().replace("/etc/other", "x", 0600).ok());
  ASSERT_TRUE(this->files().replace("/etc/file", "new", 0600).ok());
  EXPECT_EQ(this->next(watch), Paths{"/etc/file"});
  ASSERT_TRUE(this->files().replace("/etc/later", "x", 0600).ok());
  EXPECT_EQ(this->next(watch), Paths{"/etc/later"});
  ASSERT_TRUE(this->files().remove("/etc/file").ok());
  EXPECT_EQ(this->next(watch), Paths{"/etc/file"});
  ASSERT_TRUE(this->files().set_mode("/etc/later", 0400).ok());
  EXPECT_EQ(this->next(watch), Paths{"/etc/later"});
}

TYPED_TEST(FilesystemContract, NoticesAFolderThatLeadsToAPath) {
  const auto watch = this->watch({"/var/lib/tandem/state"});
  ASSERT_TRUE(this->files().make_directories("/var/lib").ok());
  EXPECT_EQ(this->next(watch), Paths{"/var/lib/tandem/state"});
  ASSERT_TRUE(this->files().make_directories("/var/lib/tandem").ok());
  EXPECT_EQ(this->next(watch), Paths{"/var/lib/tandem/state"});
  ASSERT_TRUE(this->files().replace("/var/lib/tandem/state", "x", 0600).ok());
  EXPECT_EQ(this->next(watch), Paths{"/var/lib/tandem/state"});
}

TYPED_TEST(FilesystemContract, NoticesTheEntriesOfAWatchedFolder) {
  const auto watch = this->watch({"/etc/cron.d"});
  ASSERT_TRUE(this->files().replace("/etc/cron.d/job", "x", 0600).ok());
  EXPECT_EQ(this->next(watch), Paths{"/etc/cron.d"});
}

TYPED_TEST(FilesystemContract, WakesATaskThatWaits) {
  const auto watch = this->watch({"/etc/file"});
  boost::asio::post(this->world_.io,
                    [this] { EXPECT_TRUE(this->files().replace("/etc/file", "new", 0600).ok()); });
  EXPECT_EQ(this->next(watch), Paths{"/etc/file"});
}

TYPED_TEST(FilesystemContract, EndsAWatchThatIsStopped) {
  const auto watch = this->watch({"/etc/file"});
  boost::asio::post(this->world_.io, [&watch] { watch->stop(); });
  EXPECT_EQ(fault_in(run(this->world_.io, watch->next())), Fault::cancelled);
  EXPECT_EQ(fault_in(run(this->world_.io, watch->next())), Fault::cancelled);
}

}  // namespace
}  // namespace tandem
