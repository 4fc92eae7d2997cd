// Two nodes on this host: a secondary's sshd with the gate behind its restricted key, and a primary
// that copies to it with everything real but time.
#pragma once

#include <sys/types.h>

#include <boost/asio/io_context.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ports/real_clock.h"
#include "ports/real_filesystem.h"
#include "ports/real_process.h"
#include "ports/real_trees.h"
#include "replication/files/file_replica.h"
#include "tests/ports/temporary_folder.h"

namespace tandem::files {

inline const std::string kMoh = "/var/lib/asterisk/moh";
inline const std::string kSounds = "/var/lib/wazo/sounds/tenants";
inline const std::string kVoicemail = "/var/spool/asterisk/voicemail";
inline const std::string kOwn = "/srv/our files";

class RealPair {
 public:
  RealPair();
  ~RealPair();

  // Paths of both nodes' roots.
  std::string here(const std::string& path) const { return folder_ / ("a/root" + path); }
  std::string there(const std::string& path) const { return folder_ / ("b/root" + path); }

  Report copy(Order order = {});
  Report plan();
  // The folder's part of a copy of it alone.
  FolderReport copy_of(const std::string& path, Order order = {});

  void serve();     // the secondary does
  void stand_by();  // again
  void stop_sshd();
  void cut_connections();  // sshd goes on
  void start_sshd();
  // A new operator on the primary, with what the old one left in its state.
  void restart();

  // Runs a shell line; fails the test where it does not end with 0.
  static std::string shell(const std::string& line);
  // One line a file: mode, owner, group, size, time, type, name, target of a link.
  static std::string listing(const std::string& folder);
  // By name, of the files of one folder.
  static std::map<std::string, std::string> contents(const std::string& folder);
  // Runs what else is under way; throws where it takes too long.
  void run_until(const std::function<bool()>& reached);

  boost::asio::io_context io;
  HAPair pair;
  FilesGoal goal;
  std::unique_ptr<FileReplica> replica;
  std::unique_ptr<Session> session;
  RealProcess programs;

 private:
  void make_sides();
  void make_keys();
  void open();
  Report finish(Task<Report> task);

  TemporaryFolder folder_;
  int port_ = 0;
  pid_t sshd_ = -1;
  RealClock clock_;
  RealFilesystem disk_{io.get_executor(), "/"};
  std::unique_ptr<RealTrees> trees_;
  std::unique_ptr<PeerSsh> ssh_;
};

}  // namespace tandem::files
