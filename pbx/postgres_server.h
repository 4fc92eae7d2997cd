// The node's own PostgreSQL server, asked and told as its superuser: `runuser -u postgres -- psql`,
// with every statement on standard input. Peer authentication lets no other program in, and no
// secret is in an argument or in the server's log.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "ports/process.h"

namespace tandem {

// The role `tandem`: what it may do.
struct PostgresRole {
  bool may_log_in = false;
  bool may_more = false;  // superuser, createdb, createrole, replication or bypassrls: never wanted
  bool inherits = false;
  int connections_max = -1;         // -1: without limit
  bool expires = false;             // VALID UNTIL is set
  std::string verifier;             // of its password; a secret
  std::set<std::string> member_of;  // roles
  bool may_set_replication_role = false;
  bool made_by_us = false;  // its comment says so; another role of that name is somebody's

  bool operator==(const PostgresRole&) const = default;
};

// The role `tandem_stream` of a primary.
struct StreamRole {
  bool may_stream = false;   // LOGIN and REPLICATION
  bool may_more = false;     // superuser, createdb, createrole or bypassrls: never wanted
  bool reads_stats = false;  // member of pg_read_all_stats: else the server hides how far it is
  int connections_max = -1;
  std::string verifier;  // of its password; a secret
  bool made_by_us = false;

  bool operator==(const StreamRole&) const = default;
};

struct PostgresFacts {
  struct Setting {
    std::string file;
    std::size_t line = 0;
    std::string value;
    bool operator==(const Setting&) const = default;
  };
  struct FileError {
    std::string file;  // of pg_hba.conf before PostgreSQL 16: empty
    std::size_t line = 0;
    std::string text;
    bool operator==(const FileError&) const = default;
  };

  int version = 0;  // 150018
  std::string hba_file, config_file;
  bool tls = false;
  std::string listens;  // the value that the server runs with
  // Settings that wait for a restart, by name.
  std::vector<std::string> pending;
  // When it read its files last.
  std::chrono::system_clock::time_point loaded;
  // What the files set for listen_addresses now, in their order: the last one counts.
  std::vector<Setting> listen_settings;
  // What the server would refuse of its files as they are now.
  std::vector<FileError> conf_errors, hba_errors;
  std::optional<PostgresRole> role;
  std::set<std::string> groups;  // those of kPostgresGroups that exist
  // ---- of a stream
  std::string wal_level;  // that the server runs with
  // What the files set, by name: wal_level, max_slot_wal_keep_size.
  std::map<std::string, std::vector<Setting>> wal_settings;
  std::optional<StreamRole> stream_role;
  int stream_slots = 0;  // of ours: "tandem_" and 16 hexadecimal digits
  int other_slots = 0;   // logical ones of somebody else

  bool has_parameter_grants() const { return version >= 150000; }
  bool awaits_restart(std::string_view setting) const;
};

// What the role must belong to: for the tables, and to end the sessions of a silent primary.
inline const std::set<std::string> kPostgresGroups{"asterisk", "pg_signal_backend"};
// Of the role at once: replication's sessions, and one to look.
inline constexpr int kPostgresConnectionsMax = 10;
// Of the stream's role: the secondary's server, a beginning with its look, and one that watches.
inline constexpr int kStreamConnectionsMax = 6;
// What a secondary that is away may keep of the primary's log; beyond it the stream begins anew.
inline constexpr std::string_view kKeptWalMax = "2GB";

class PostgresServer {
 public:
  static constexpr std::chrono::seconds kAskMax{15};
  // The vendor sets no limit to a restart of 40 s.
  static constexpr std::chrono::seconds kRestartMax{180};

  // `dsn`: of the node's own server; only its port and its database count here.
  PostgresServer(Process& commands, std::string_view dsn);

  // The socket that psql finds by default where Debian packs it; the server makes it at each start.
  std::string socket() const;

  // unavailable: the server does not answer. not_found: runuser or psql are missing.
  Task<Result<PostgresFacts>> facts();
  // Makes the role, or mends what differs; one transaction. `verifier` empty: without a password.
  Task<Status> make_role(std::string verifier, bool parameter_grants);
  // The same for the role of the stream.
  Task<Status> make_stream_role(std::string verifier);
  // Takes it away, with the publication and every slot of ours. A slot that is still followed stays
  // until the next call.
  Task<Status> drop_stream();
  // Takes the role, its rights, and its schema in the database of `dsn` away. Nothing else may
  // belong to it, or the server refuses.
  Task<Status> drop_role();
  // Statements of the caller's own in the database of `dsn`, as the superuser; they may carry a
  // secret, which is told nowhere. invalid: one of them failed.
  Task<Status> run_in_database(std::string statements);
  // The server reads its files again; those that it refuses it goes on without.
  Task<Status> reload();
  // `unit`: as the product calls the server to systemd.
  Task<Status> restart(std::string unit);

 private:
  Task<Result<std::string>> ask(std::string statements);

  Process& commands_;
  std::string port_;
  std::string database_;
};

}  // namespace tandem
