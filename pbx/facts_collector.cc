#include "pbx/facts_collector.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "core/digest.h"
#include "ports/gather.h"

namespace tandem {
namespace {

constexpr const char* kMachineId = "/etc/machine-id";
constexpr const char* kSystemUuid = "/sys/class/dmi/id/product_uuid";
constexpr const char* kHostKeys[] = {"/etc/ssh/ssh_host_ed25519_key.pub",
                                     "/etc/ssh/ssh_host_ecdsa_key.pub",
                                     "/etc/ssh/ssh_host_rsa_key.pub"};

// Where a full disk stops telephony, the database, or us. Those on one file system tell the same.
constexpr const char* kRooms[] = {
    "/", "/etc", "/var/lib/postgresql", "/var/log", "/var/spool/asterisk", "/tmp"};

constexpr std::size_t kLineMax = 4096;
constexpr std::size_t kPluginsMax = 1000;

std::string trimmed(const std::string& text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

std::string digest_of(std::string_view kind, const std::string& id) {
  return id.empty() ? "" : sha256(fmt::format("tandem:{}:{}", kind, id));
}

// What makers write where they did not bother: the same on thousands of machines.
bool is_a_real_uuid(std::string uuid) {
  std::transform(uuid.begin(), uuid.end(), uuid.begin(), [](char c) {
    return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  });
  if (uuid.size() != 36 || uuid == "03000200-0400-0500-0006-000700080009") return false;
  std::erase(uuid, '-');
  return uuid.find_first_not_of(uuid[0]) != std::string::npos;  // all zeros, all `f`
}

std::optional<DatabaseTraits> postgres_in(const SqlRows& rows) {
  if (rows.rows.size() != 1 || rows.rows[0].size() != 5) return std::nullopt;
  const auto& row = rows.rows[0];
  const auto text = [&](std::size_t column) { return row[column].value_or(""); };
  DatabaseTraits facts;
  const std::string number = text(0);  // "150018"
  int version = 0;
  const auto read = std::from_chars(number.data(), number.data() + number.size(), version);
  if (read.ec != std::errc() || version < 10'000) return std::nullopt;
  facts.major = version / 10'000;
  facts.system_identifier = text(1);
  facts.encoding = text(2);
  facts.collate = text(3);
  facts.ctype = text(4);
  return facts;
}

}  // namespace

Task<NodeFacts> FactsCollector::collect(FactsRequest request) {
  const Profile& profile = profile_of(request.product);
  NodeFacts facts;
  facts.tandem_version = std::move(request.tandem_version);
  facts.spec_hash = std::move(request.spec_hash);
  read_identity(facts);
  read_version(profile, facts);
  read_rooms(request.state_dir, facts);

  std::vector<Task<void>> questions;
  questions.push_back(ask_wizard(facts));
  questions.push_back(ask_plugins(profile, facts));
  questions.push_back(ask_postgres(facts));
  co_await gather(std::move(questions));

  // Last, so that whoever asked knows within what time it was read.
  facts.clock =
      std::chrono::duration_cast<std::chrono::nanoseconds>(parts_.clock.wall().time_since_epoch())
          .count();
  co_return facts;
}

void FactsCollector::read_identity(NodeFacts& facts) {
  const auto machine = parts_.files.read(kMachineId, kLineMax);
  if (machine.ok())
    facts.machine = digest_of("machine-id", trimmed(machine.value()));
  else
    facts.unknown["machine"] = machine.error().message;

  const auto system = parts_.files.read(kSystemUuid, kLineMax);
  const std::string uuid = system.ok() ? trimmed(system.value()) : "";
  if (is_a_real_uuid(uuid))
    facts.system = digest_of("system-uuid", uuid);
  else
    facts.unknown["system"] =
        system.ok() ? "the maker set no system UUID of its own" : system.error().message;

  std::string why = "no host key of sshd in /etc/ssh";
  for (const char* path : kHostKeys) {
    const auto line = parts_.files.read(path, kLineMax);
    if (!line.ok() && line.error().fault != Fault::not_found) why = line.error().message;
    const auto print = line.ok() ? key_fingerprint(line.value()) : std::nullopt;
    if (print) facts.host_keys.push_back(*print);
  }
  if (facts.host_keys.empty()) facts.unknown["hostKeys"] = why;
}

// From the disk, not from confd: its `infos` are a row that the vendor's replication copies, so
// that a secondary tells the primary's version.
void FactsCollector::read_version(const Profile& profile, NodeFacts& facts) {
  const auto version = parts_.files.read(profile.version_file, kLineMax);
  if (version.ok()) facts.product_version = trimmed(version.value());
  if (facts.product_version.empty())
    facts.unknown["productVersion"] =
        version.ok() ? profile.version_file + " is empty" : version.error().message;
}

void FactsCollector::read_rooms(const std::string& state_dir, NodeFacts& facts) {
  std::vector<std::string> rooms(std::begin(kRooms), std::end(kRooms));
  if (!state_dir.empty()) rooms.push_back(state_dir);
  for (const std::string& path : rooms) {
    const auto space = parts_.files.space(path);
    if (space.ok())
      facts.rooms.push_back({path, space.value().available});
    else if (space.error().fault != Fault::not_found)
      facts.unknown["freeBytes"] = space.error().message;
  }
}

Task<void> FactsCollector::ask_wizard(NodeFacts& facts) {
  const auto wizard = co_await parts_.confd.wizard();
  if (wizard.ok())
    facts.wizard_passed = wizard.value().configured;
  else
    facts.unknown["wizardPassed"] = wizard.error().message;
}

// provd is stopped on a node that stands by; its folders tell then.
Task<void> FactsCollector::ask_plugins(const Profile& profile, NodeFacts& facts) {
  auto installed = co_await parts_.provd.installed_plugins();
  if (installed.ok()) {
    facts.plugins = std::move(installed).value();
    co_return;
  }
  if (installed.error().fault == Fault::connection_refused)
    read_plugin_folders(profile, facts);
  else
    facts.unknown["plugins"] = installed.error().message;
}

void FactsCollector::read_plugin_folders(const Profile& profile, NodeFacts& facts) {
  const auto names = parts_.files.list(profile.provd_plugins, kPluginsMax);
  if (!names.ok()) {
    facts.unknown["plugins"] =
        "provd does not answer, and its folder can not be read: " + names.error().message;
    return;
  }
  std::vector<std::string> plugins;
  for (const std::string& name : names.value()) {
    const auto status = parts_.files.status(profile.provd_plugins + "/" + name);
    if (status.ok() && status.value() && status.value()->kind == FileStatus::Kind::directory)
      plugins.push_back(name);
  }
  facts.plugins = std::move(plugins);
}

Task<void> FactsCollector::ask_postgres(NodeFacts& facts) {
  auto server = parts_.server();
  if (!server.ok()) {
    facts.unknown["postgres"] = server.error().message;
    co_return;
  }
  SqlStatement question;
  question.text =
      "SELECT current_setting('server_version_num'), (pg_control_system()).system_identifier, "
      "pg_encoding_to_char(encoding), datcollate, datctype "
      "FROM pg_database WHERE datname = current_database()";
  const auto rows = co_await parts_.sql.query(std::move(server).value(), std::move(question));
  if (!rows.ok()) {
    facts.unknown["postgres"] = rows.error().message;
    co_return;
  }
  facts.postgres = postgres_in(rows.value());
  if (!facts.postgres) facts.unknown["postgres"] = "the server did not tell its version";
}

}  // namespace tandem
