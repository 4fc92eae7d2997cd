#include "tests/contracts/exchanges/ha_state.h"

#include <ostream>
#include <sstream>

namespace tandem::exchanges {
namespace {

// What follows `start` in the first line that starts so; "" if none does.
std::string rest_of_line(const std::string& text, const std::string& start) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with(start)) return line.substr(start.size());
  return "";
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const HaState& state) {
  out << "ha.conf " << state.ha_conf << "\n  trusts '" << state.trusted << "', listens "
      << state.listens << "\n  cron '" << state.cron << "'\n  sentinels '" << state.sentinels
      << "'\n  ran";
  for (const std::string& command : state.commands) out << " '" << command << "'";
  out << "\n  asked";
  for (const std::string& request : state.requests) out << " '" << request << "'";
  return out;
}

HaState ha_state(ReplayNode& node) {
  HaState state;
  state.ha_conf = node.read("etc/xivo/ha.conf");
  const std::string main = "etc/postgresql/15/main/";
  state.trusted = rest_of_line(node.read(main + "pg_hba.conf"), "host asterisk postgres ");
  state.listens = rest_of_line(node.read(main + "postgresql.conf"), "listen_addresses") == " = '*'";
  state.cron = node.read("etc/cron.d/xivo-ha-master") + node.read("etc/cron.d/xivo-ha-slave");
  for (const std::string name : {"is-primary", "is-secondary"})
    if (std::filesystem::exists(node.path("var/lib/wazo/" + name))) state.sentinels += name;
  for (const Json& entry : node.control("GET", "/journal?service=sysconfd")) {
    const std::string path = entry.at("path");
    if (entry.at("method") == Json("RUN"))
      state.commands.push_back(path);
    else
      state.requests.push_back(entry.at("method").get<std::string>() + " " + path);
  }
  node.control("DELETE", "/journal");
  return state;
}

std::string ha_conf_of(const std::string& type, const std::string& address) {
  return R"({"node_type": ")" + type + R"(", "remote_address": ")" + address + R"("})";
}

std::string master_cron(const std::string& address) {
  return "0 * * * * root /usr/sbin/xivo-master-slave-db-replication " + address +
         " >/dev/null\n0 * * * * root /usr/bin/wazo-sync >/dev/null\n";
}

std::string slave_cron(const std::string& address) {
  return "* * * * * root /usr/sbin/xivo-check-master-status " + address + " >/dev/null\n";
}

HaState finished(const std::string& type, const std::string& address) {
  HaState state;
  state.ha_conf = ha_conf_of(type, address);
  state.commands = {kRestart};
  state.requests = {"POST /update_ha_config"};
  if (type == "slave") {
    state.trusted = address + "/32 trust";
    state.listens = true;
    state.cron = slave_cron(address);
    state.sentinels = "is-secondary";
    return state;
  }
  state.commands.push_back(kStartServices);
  if (type == "master") {
    state.cron = master_cron(address);
    state.sentinels = "is-primary";
  }
  return state;
}

}  // namespace tandem::exchanges
