// Who may reach the node's PostgreSQL server because of the pair: on the secondary the primary, by
// the declared method, and nobody else; elsewhere nobody. And the database role `tandem`, with
// which replication works, on both nodes of a pair.
//
// With a stream the primary lets the secondary's server fetch it, as a role that reads nothing
// else, and its server writes a log that can be streamed.
//
// Of pg_hba.conf and postgresql.conf only our own lines are edited, and the one that the vendor's
// copy needs. The server tells where these files are, and what it makes of them.
//
// Asking it as its superuser takes three programs. Where all was right, it is spared until
// kAskEvery is over: as long as the files and the server's socket are the same, and our role is let
// in.
#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/change.h"
#include "core/condition.h"
#include "core/goal.h"
#include "pbx/postgres_server.h"
#include "pbx/profile.h"
#include "ports/clock.h"
#include "ports/filesystem.h"
#include "ports/sql.h"
#include "ports/units.h"
#include "resources/resource.h"
#include "resources/spared.h"
#include "resources/unconfirmed.h"

namespace tandem {

class PostgresAccess {
 public:
  static constexpr std::string_view name = "postgres-access";
  static constexpr bool looks_afar = true;
  // A server that refuses the role must not keep the files from being right.
  static constexpr bool steps_are_independent = true;
  // So long a server that shows no change is taken to be as it was.
  static constexpr std::chrono::minutes kAskEvery{5};

  // Where things are on this node; from operator.yaml.
  struct Places {
    std::string root = "/";                 // the prefix of what the server calls its files
    std::optional<std::string> config_dir;  // of the server's files, while it is down
    std::string password_file;
    std::string peer_dsn;
    std::string own_dsn;
    Units* units = nullptr;  // tells whether Asterisk runs; null: the marker alone tells who serves
    Clock* clock = nullptr;  // null: the server is asked at each look
  };

  struct Desired {
    bool released = false;  // nothing is ours any more
    Role role = Role::off;
    bool standing_by = false;
    std::string own_address;
    std::vector<std::string> peers;  // the other node's addresses
    HAPair::PostgresMethod method = HAPair::PostgresMethod::scram;
    bool vendor_copies = true;  // replication.owner is vendor
    bool streams = false;       // replication.database.mode is stream
  };

  struct File {
    std::string path;                 // under the root
    std::optional<std::string> text;  // nullopt: absent
    std::chrono::system_clock::time_point modified;
  };

  struct Observed {
    std::optional<PostgresFacts> facts;
    std::optional<Error> unasked;  // why there are none
    bool installed = false;        // there is a server, be it down, below the managed root
    File hba, conf;
    // What the server calls postgresql.conf: so its facts name it.
    std::string conf_as_told;
    bool has_password = false;
    std::optional<Error> no_password;    // why not; not_found: there is none yet
    bool password_holds = false;         // the role in the server has this password
    bool stream_password_holds = false;  // the role of the stream has the one made of it
    bool reload_due = false;             // a file of ours may not have been read by the server yet
    // On a primary with a password: whether the other node lets us in.
    std::optional<Status> peer;
  };

  struct Step {
    enum class Verb { make_role, drop_role, make_stream_role, drop_stream, write, reload, restart };
    Verb verb = Verb::write;
    bool parameter_grants = false;  // make_role: the server knows rights on parameters
    std::string path;               // write
    std::string before, content;    // write
    bool adds = false;              // write: something new that the server may refuse
    std::vector<Change> changes;
  };

  PostgresAccess(Filesystem& files, Filesystem& disk, PostgresServer& server, Sql& sql,
                 Unconfirmed& reloads, Places places)
      : files_(files),
        disk_(disk),
        server_(server),
        sql_(sql),
        reloads_(reloads),
        places_(std::move(places)) {}

  static std::set<std::string> watched(const Goal& goal);
  static Desired desired(const Goal& goal);
  Task<Result<Observed>> observe(const Goal& goal);
  // On the secondary what admits comes last but for the server's being told; elsewhere it goes
  // first. A restart is planned only on a node that stands by.
  static std::vector<Step> diff(const Desired& want, const Observed& seen);
  Task<Status> apply(const Step& step);
  void look_anew() { spared_.look_anew(); }
  static std::vector<Condition> conditions(const Goal& goal, const Observed& seen);
  // A server that is needed and could not be asked, whose files are not where it names them or are
  // refused by it, or which has a role of somebody else's in the place of ours.
  // Where there is none at all below the managed root, the conditions alone tell.
  static std::optional<Error> unseen(const Goal& goal, const Observed& seen);

 private:
  Task<Result<Observed>> observe_by(const Goal& goal, Result<PostgresFacts> facts);
  std::optional<std::string> stamp_of_server();
  Result<File> look_at(std::string path);
  bool is_installed(const Observed& seen) const;
  void look_at_password(const Goal& goal, Observed& seen);
  Task<Status> log_in_at_peer(std::string peer_address, std::string password);
  Task<Status> log_in(std::string dsn, std::string password);
  std::string under_root(const std::string& path) const;

  Task<Status> telephony_is_stopped();
  Task<Status> give_role(bool parameter_grants);
  Task<Status> give_stream_role();
  Task<Status> write_checked(const Step& step);
  Task<Status> tell_server();
  Task<Status> restart_if_safe();

  Filesystem& files_;
  Filesystem& disk_;
  PostgresServer& server_;
  Sql& sql_;
  Unconfirmed& reloads_;
  Places places_;
  std::string password_;              // as it was at the last look
  const Profile* profile_ = nullptr;  // of the last look's product

  // What the server said while all was right, and what was seen of it then.
  std::optional<PostgresFacts> known_;
  Spared spared_;
};

std::vector<Change> describe(const PostgresAccess::Step& step);

static_assert(Resource<PostgresAccess>);

}  // namespace tandem
