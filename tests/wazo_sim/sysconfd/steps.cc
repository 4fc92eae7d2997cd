#include "tests/wazo_sim/sysconfd/steps.h"

#include <fstream>
#include <sstream>

namespace tandem::wazo_sim {
namespace {

namespace fs = std::filesystem;

constexpr const char* kHaConf = "etc/xivo/ha.conf";
constexpr const char* kPgHba = "etc/postgresql/15/main/pg_hba.conf";
constexpr const char* kPostgresqlConf = "etc/postgresql/15/main/postgresql.conf";
constexpr const char* kRunuser = "usr/sbin/runuser";

// `runuser -u postgres -- psql` of a node whose server listens everywhere and has read its files.
// Where a real one runs, as in the lab, a program of that stands in this place.
constexpr const char* kPostgresStandIn = R"script(#!/bin/sh
conf=/etc/postgresql/15/main/postgresql.conf
set_in_file() {
  awk -F"'" -v conf="$conf" '/^listen_addresses/ { printf "%s[\"%s\",%d,\"%s\"]", sep, conf, NR, $2; sep = "," }' \
    "${0%/usr/sbin/runuser}$conf" 2>/dev/null
}
case $(cat) in
  *json_build_object*) echo '{"version":150018,"hba_file":"/etc/postgresql/15/main/pg_hba.conf",
    "config_file":"/etc/postgresql/15/main/postgresql.conf","tls":true,"listens":"*","pending":[],
    "loaded_us":4102444800000000,"listen_settings":['"$(set_in_file)"'],"conf_errors":[],"hba_errors":[],
    "role":null,"groups":["asterisk","pg_signal_backend"],"wal_level":"replica","wal_settings":[],
    "stream_role":null,"stream_slots":0,"other_slots":0}' ;;
esac
)script";
constexpr const char* kCronMaster = "etc/cron.d/xivo-ha-master";
constexpr const char* kCronSlave = "etc/cron.d/xivo-ha-slave";
constexpr const char* kSentinels = "var/lib/wazo";

// In place, as the vendor does it. False: it could not be opened.
bool overwrite(const fs::path& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  return static_cast<bool>(out);
}

// The file without the lines that start so; nothing when there is no such file.
std::optional<std::string> without_lines(const fs::path& path, const std::string& start) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  std::string kept;
  for (std::string line; std::getline(in, line);)
    if (!line.starts_with(start)) kept += line + "\n";
  return kept;
}

bool is_type(const Json& wanted, const char* type) { return wanted.at("node_type") == Json(type); }

// As Python formats it into a text.
std::string address_of(const Json& wanted) {
  const Json& address = wanted.at("remote_address");
  return address.is_string() ? address.get<std::string>()
         : address.is_null() ? "None"
                             : dump_compact(address);
}

void install(const fs::path& path, const std::string& text) {
  if (fs::exists(path)) return;
  fs::create_directories(path.parent_path());
  overwrite(path, text);
}

}  // namespace

bool HaSteps::apply(const Json& wanted) {
  return write_ha_conf(wanted) && edit_pg_hba(wanted) && edit_postgresql_conf(wanted) &&
         restart_postgresql() && replace_cron_files(wanted) && start_services(wanted) &&
         place_sentinels(wanted);
}

// A write that is interrupted leaves a piece.
bool HaSteps::write_ha_conf(const Json& wanted) {
  std::string text = dump_spaced(wanted);
  text.pop_back();  // the line end
  if (!fails_("ha_conf")) return overwrite(root_ / kHaConf, text);
  overwrite(root_ / kHaConf, text.substr(0, text.size() / 2));
  return false;
}

// The lines go before the body is looked at: one that lacks a key stops right after.
bool HaSteps::edit_pg_hba(const Json& wanted) {
  if (fails_("pg_hba")) return false;
  auto text = without_lines(root_ / kPgHba, "host asterisk postgres");
  if (!text) return false;
  const bool complete = wanted.contains("node_type") && wanted.contains("remote_address");
  if (complete && is_type(wanted, "slave"))
    *text += "host asterisk postgres " + address_of(wanted) + "/32 trust\n";
  return overwrite(root_ / kPgHba, *text) && complete;
}

bool HaSteps::edit_postgresql_conf(const Json& wanted) {
  if (fails_("postgresql_conf")) return false;
  auto text = without_lines(root_ / kPostgresqlConf, "listen_addresses");
  if (!text) return false;
  if (is_type(wanted, "slave")) *text += "listen_addresses = '*'\n";
  return overwrite(root_ / kPostgresqlConf, *text);
}

// Always, whatever the role.
bool HaSteps::restart_postgresql() { return run_("systemctl restart postgresql.service"); }

// A type that it does not know leaves none of them, and that is no failure here.
bool HaSteps::replace_cron_files(const Json& wanted) {
  fs::remove(root_ / kCronMaster);
  fs::remove(root_ / kCronSlave);
  if (fails_("cron")) return false;
  const std::string address = address_of(wanted);
  if (is_type(wanted, "master"))
    return overwrite(root_ / kCronMaster,
                     "0 * * * * root /usr/sbin/xivo-master-slave-db-replication " + address +
                         " >/dev/null\n0 * * * * root /usr/bin/wazo-sync >/dev/null\n");
  if (is_type(wanted, "slave"))
    return overwrite(root_ / kCronSlave, "* * * * * root /usr/sbin/xivo-check-master-status " +
                                             address + " >/dev/null\n");
  return true;
}

// A slave's services are stopped by its cron job, within a minute.
bool HaSteps::start_services(const Json& wanted) {
  return is_type(wanted, "slave") || run_("/usr/sbin/xivo-manage-slave-services start");
}

bool HaSteps::place_sentinels(const Json& wanted) {
  if (fails_("sentinels")) return false;
  const fs::path primary = root_ / kSentinels / "is-primary";
  const fs::path secondary = root_ / kSentinels / "is-secondary";
  if (is_type(wanted, "disabled")) {
    fs::remove(primary);
    fs::remove(secondary);
    return true;
  }
  const bool master = is_type(wanted, "master");
  if (!master && !is_type(wanted, "slave")) return false;
  if (!overwrite(master ? primary : secondary, "")) return false;
  fs::remove(master ? secondary : primary);
  return true;
}

void install_node(const fs::path& root) {
  for (const char* folder : {"etc/xivo", "etc/cron.d", kSentinels})
    fs::create_directories(root / folder);
  install(root / kPgHba, "local all postgres peer\nhost all all 127.0.0.1/32 scram-sha-256\n");
  install(root / kPostgresqlConf, "#listen_addresses = 'localhost'\nport = 5432\n");
  install(root / kRunuser, kPostgresStandIn);
  fs::permissions(root / kRunuser, fs::perms{0755});
}

}  // namespace tandem::wazo_sim
