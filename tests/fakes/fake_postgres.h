// A PostgreSQL server in memory, as far as postgres-access asks and tells it: it reads its files
// from a MemoryFilesystem, keeps the rules that it has read, and answers through runuser and psql.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "pbx/postgres_server.h"
#include "tests/fakes/fake_process.h"
#include "tests/fakes/memory_filesystem.h"

namespace tandem::fakes {

class FakePostgres {
 public:
  // Makes the files as Debian's package leaves them, reads them and runs.
  explicit FakePostgres(MemoryFilesystem& disk, std::string folder = "/etc/postgresql/15/main")
      : disk_(disk), folder_(std::move(folder)) {
    disk.files[hba_path()] = File(kHba, 0640);
    disk.files[conf_path()] = File(kConf, 0644);
    start();
  }

  static constexpr const char* kHba =
      "# PostgreSQL Client Authentication Configuration File\n"
      "local   all             postgres                                peer\n"
      "# IPv4 local connections:\n"
      "host    all             all             127.0.0.1/32            scram-sha-256\n";
  static constexpr const char* kConf =
      "data_directory = '/var/lib/postgresql/15/main'\n"
      "#listen_addresses = 'localhost'\t\t# what IP address(es) to listen on;\n"
      "include_dir = 'conf.d'\n";

  bool up = true;
  bool tls = false;
  int version = 150018;
  std::string named_under;  // a prefix of the paths that it names: a lab's root
  std::optional<PostgresRole> role;
  std::optional<StreamRole> stream_role;
  int stream_slots = 0, other_slots = 0;
  std::string wal_level = "replica";  // that it runs with
  std::set<std::string> groups = kPostgresGroups;
  std::string auto_listen;        // of ALTER SYSTEM
  bool refuses_scram = false;     // its parser takes no line with scram-sha-256 for our role
  std::optional<int> fails_with;  // psql's exit status, whatever is asked

  std::string rules;    // pg_hba.conf as it was read last
  std::string listens;  // that it runs with
  std::chrono::system_clock::time_point loaded;
  std::vector<std::string> journal;  // "make role", "drop role", "reload", "restart"

  std::string hba_path() const { return folder_ + "/pg_hba.conf"; }
  std::string conf_path() const { return folder_ + "/postgresql.conf"; }
  std::string& hba() { return disk_.files[hba_path()].content; }
  std::string& conf() { return disk_.files[conf_path()].content; }

  // Answers what `commands` runs.
  void answer_through(FakeProcess& commands) {
    commands.programs["/usr/sbin/runuser"] = [this](const Command& command) {
      return psql(command);
    };
    commands.programs["/usr/bin/systemctl"] = [this](const Command& command) {
      journal.push_back(command.argv.at(1));
      return Result<CommandOutcome>(start() ? exits(0)
                                            : exits(1, "", "Job failed. See journalctl"));
    };
  }

  // Reads its files and runs; or does not, where it can not read them.
  bool start() {
    up = disk_.files.contains(hba_path()) && hba_errors().empty() && conf_errors().empty();
    if (!up) return false;
    rules = hba();
    listens = files_listen();
    wal_level = files_wal_level();
    loaded = disk_.now;
    return true;
  }

 private:
  using Json = nlohmann::json;

  static std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
  }

  // [file, line, error]; what it takes is a small part of the real grammar.
  Json hba_errors() const {
    Json errors = Json::array();
    std::size_t number = 0;
    for (const auto& line : lines_of(disk_.files.at(hba_path()).content)) {
      ++number;
      std::istringstream stream(line.substr(0, line.find('#')));
      std::vector<std::string> words;
      for (std::string word; stream >> word;) words.push_back(word);
      if (words.empty()) continue;
      const bool local = words[0] == "local";
      const bool host = words[0] == "host" || words[0] == "hostssl";
      if ((!local && !host) || words.size() != (local ? 4U : 5U))
        errors.push_back({"", number, "invalid connection type or end-of-line"});
      else if (host && (words[3].find('/') == std::string::npos ||
                        words[3].find_first_not_of("0123456789./") != std::string::npos ||
                        words[3].starts_with('/')))
        errors.push_back({"", number, "specifying both host name and CIDR mask is invalid"});
      else if (words[0] == "hostssl" && !tls)
        errors.push_back({"", number, "hostssl record cannot match because SSL is disabled"});
      else if (refuses_scram && host && words[2] == "tandem" && words[4] == "scram-sha-256")
        errors.push_back({"", number, "invalid authentication method \"scram-sha-256\""});
    }
    return errors;
  }

  Json conf_errors() const {
    Json errors = Json::array();
    std::size_t number = 0;
    for (const auto& line : lines_of(disk_.files.at(conf_path()).content)) {
      ++number;
      if (line.starts_with("broken"))
        errors.push_back({named_under + conf_path(), number, "syntax error"});
    }
    return errors;
  }

  Json listen_settings() const {
    Json settings = Json::array();
    std::size_t number = 0;
    for (const auto& line : lines_of(disk_.files.at(conf_path()).content)) {
      ++number;
      const auto open = line.find('\''), close = line.find('\'', open + 1);
      if (line.starts_with("listen_addresses") && close != std::string::npos)
        settings.push_back(
            {named_under + conf_path(), number, line.substr(open + 1, close - open - 1)});
    }
    if (!auto_listen.empty())
      settings.push_back({"/var/lib/postgresql/15/main/postgresql.auto.conf", 3, auto_listen});
    return settings;
  }

  // Those that a stream needs; the last one of a name counts.
  Json wal_settings() const {
    Json settings = Json::array();
    std::size_t number = 0;
    for (const auto& line : lines_of(disk_.files.at(conf_path()).content)) {
      ++number;
      const auto open = line.find('\''), close = line.find('\'', open + 1);
      for (const char* name : {"wal_level", "max_slot_wal_keep_size"})
        if (line.starts_with(name) && close != std::string::npos)
          settings.push_back(
              {name, named_under + conf_path(), number, line.substr(open + 1, close - open - 1)});
    }
    return settings;
  }

  std::string files_wal_level() const {
    std::string level = "replica";
    for (const auto& setting : wal_settings())
      if (setting.at(0) == "wal_level") level = setting.at(3);
    return level;
  }

  std::string files_listen() const {
    const Json settings = listen_settings();
    return settings.empty() ? "localhost" : settings.back().at(2).get<std::string>();
  }

  Result<CommandOutcome> psql(const Command& command) {
    if (fails_with) return exits(*fails_with, "", "psql:<stdin>:9: ERROR:  injected");
    if (!up)
      return exits(2, "",
                   "psql: error: connection to server on socket "
                   "\"/var/run/postgresql/.s.PGSQL.5432\" failed: No such file or directory\n");
    const std::string& asked = command.input;
    if (asked.find("json_build_object(") != std::string::npos) return exits(0, facts().dump());
    if (asked.find("pg_drop_replication_slot") != std::string::npos) {
      journal.emplace_back("drop stream");
      stream_role.reset();
      stream_slots = 0;
      return exits(0);
    }
    if (asked.find("create role tandem_stream") != std::string::npos)
      return make_stream_role(asked);
    if (asked.find("create role") != std::string::npos) return make_role(asked);
    if (asked.find("drop role") != std::string::npos) {
      journal.emplace_back("drop role");
      role.reset();
    }
    if (asked.find("pg_reload_conf") != std::string::npos) {
      journal.emplace_back("reload");
      loaded = disk_.now;
      if (hba_errors().empty()) rules = hba();
    }
    return exits(0);
  }

  CommandOutcome make_stream_role(const std::string& asked) {
    journal.emplace_back("make stream role");
    StreamRole made;
    made.may_stream = asked.find(" replication ") != std::string::npos;
    made.reads_stats = asked.find("grant pg_read_all_stats") != std::string::npos;
    made.connections_max = kStreamConnectionsMax;
    made.made_by_us = asked.find("is 'made by Tandem") != std::string::npos;
    if (const auto at = asked.find("password '"); at != std::string::npos)
      made.verifier = asked.substr(at + 10, asked.find('\'', at + 10) - at - 10);
    stream_role = made;
    return exits(0);
  }

  CommandOutcome make_role(const std::string& asked) {
    for (const auto& group : kPostgresGroups)
      if (!groups.contains(group)) return exits(3, "", "ERROR:  role does not exist");
    journal.emplace_back("make role");
    PostgresRole made;
    made.may_log_in = made.inherits = true;
    made.connections_max = kPostgresConnectionsMax;
    made.member_of = kPostgresGroups;
    made.made_by_us = asked.find("comment on role tandem is 'made by Tandem") != std::string::npos;
    made.may_set_replication_role = asked.find("grant set on parameter") != std::string::npos;
    if (const auto at = asked.find("password '"); at != std::string::npos)
      made.verifier = asked.substr(at + 10, asked.find('\'', at + 10) - at - 10);
    role = made;
    return exits(0);
  }

  Json facts() const {
    Json pending = Json::array();
    if (files_listen() != listens) pending.push_back("listen_addresses");
    if (files_wal_level() != wal_level) pending.push_back("wal_level");
    Json facts = {
        {"version", version},
        {"hba_file", named_under + hba_path()},
        {"config_file", named_under + conf_path()},
        {"tls", tls},
        {"listens", listens},
        {"pending", pending},
        {"loaded_us",
         std::chrono::duration_cast<std::chrono::microseconds>(loaded.time_since_epoch()).count()},
        {"listen_settings", listen_settings()},
        {"conf_errors", conf_errors()},
        {"hba_errors", hba_errors()},
        {"role", nullptr},
        {"groups", groups},
        {"wal_level", wal_level},
        {"wal_settings", wal_settings()},
        {"stream_role", nullptr},
        {"stream_slots", stream_slots},
        {"other_slots", other_slots},
    };
    if (stream_role)
      facts["stream_role"] = {{"may_stream", stream_role->may_stream},
                              {"may_more", stream_role->may_more},
                              {"reads_stats", stream_role->reads_stats},
                              {"connections_max", stream_role->connections_max},
                              {"verifier", stream_role->verifier},
                              {"ours", stream_role->made_by_us}};
    if (role)
      facts["role"] = {{"may_log_in", role->may_log_in},
                       {"may_more", role->may_more},
                       {"inherits", role->inherits},
                       {"connections_max", role->connections_max},
                       {"expires", role->expires},
                       {"verifier", role->verifier},
                       {"may_set", role->may_set_replication_role},
                       {"ours", role->made_by_us},
                       {"member_of", role->member_of}};
    return facts;
  }

  MemoryFilesystem& disk_;
  std::string folder_;
};

}  // namespace tandem::fakes
