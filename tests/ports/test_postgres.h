// A PostgreSQL cluster of a test's own, laid out below a folder as Debian lays it out below `/`:
// the server reads etc/postgresql/15/main/{postgresql,pg_hba}.conf there. It listens on a free port
// of the loopback addresses that its configuration names, and on a socket in the folder. It ends
// with its test, even with one that crashes.
#pragma once

#include <sys/types.h>

#include <string>

#include "tests/ports/temporary_folder.h"

namespace tandem {

class TestPostgres {
 public:
  // Makes the cluster and starts it, with a database `asterisk` owned by a role `asterisk`. Throws
  // std::runtime_error where PostgreSQL 15 is missing or does not start.
  TestPostgres();
  TestPostgres(const TestPostgres&) = delete;
  TestPostgres& operator=(const TestPostgres&) = delete;
  ~TestPostgres();

  const std::string& root() const { return root_; }
  std::string hba_path() const { return root_ + "/etc/postgresql/15/main/pg_hba.conf"; }
  std::string conf_path() const { return root_ + "/etc/postgresql/15/main/postgresql.conf"; }
  std::string log() const { return content_of(root_ + "/postgres.log"); }
  int port() const { return port_; }
  // "host=127.0.0.1 port=... dbname=asterisk user=USER"
  std::string dsn(const std::string& user, const std::string& host = "127.0.0.1") const;

  // What psql prints, without decoration, as the superuser. Throws where a statement fails.
  std::string psql(const std::string& statements) const;
  // Where psql and others find the server: the folder of its socket.
  const std::string& socket_folder() const { return sockets_; }

  // Waits until it answers, or throws with the end of its log.
  void start();
  // Ends its sessions and waits for its end.
  void stop();
  bool runs() const { return pid_ > 0; }
  // As a loss of power: without a word to anybody. start() then recovers.
  void crash();
  // SIGHUP: it reads its configuration again, a moment later.
  void reload() const;
  // All its processes stand still, and go on.
  void freeze() const;
  void thaw() const;

 private:
  int run(const std::string& program, const std::string& arguments, std::string* output,
          const std::string& input = "") const;

  TemporaryFolder folder_;
  std::string root_;
  std::string sockets_;
  int port_;
  pid_t pid_ = -1;
};

}  // namespace tandem
