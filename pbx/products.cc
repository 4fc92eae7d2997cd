#include "pbx/products.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdlib>
#include <optional>
#include <utility>
#include <variant>

#include "core/goal.h"
#include "pbx/profile.h"

namespace tandem {
namespace {

using enum Proof;
using Words = std::vector<std::string>;
using Lines = std::vector<Words>;

// What a product has of one row; std::monostate: it has none.
using Value = std::variant<std::monostate, std::string, Words, Lines, bool>;

struct Cell {
  Value value;
  Proof proof;
  std::string_view source;
};

// Where the value belongs in the profile. std::monostate: the row only tells.
using Member =
    std::variant<std::monostate, std::string Profile::*, std::optional<std::string> Profile::*,
                 Words Profile::*, bool Profile::*, std::string Profile::ContactCentre::*,
                 Lines Profile::ContactCentre::*>;

struct Row {
  Member member;
  std::string_view what;
  Cell wazo;
  Cell xivo;
};

constexpr std::string_view kServices = "the services of 26.08, run";
constexpr std::string_view kSources = "the published scripts and units of 26.08";
constexpr std::string_view kHaPage = "XiVO documentation: High Availability, Resilience";
constexpr std::string_view kUpgradePage = "XiVO documentation: Upgrading";
constexpr std::string_view kBackupPage = "XiVO documentation: Backup";
constexpr std::string_view kBerofosPage = "XiVO documentation: Berofos Integration";
constexpr std::string_view kCcPage = "XiVO documentation: Resilience with a contact centre";
constexpr std::string_view kCommonPast = "the sources from before Wazo left XiVO";
constexpr std::string_view kAsWazo = "nothing was found; as on Wazo";

std::string in_seconds(const SipExpiry& expiry) {
  const auto of = [](Duration duration) {
    return std::chrono::duration_cast<std::chrono::seconds>(duration).count();
  };
  return fmt::format("{}/{}/{} s", of(expiry.minimum), of(expiry.maximum), of(expiry.initial));
}

Value text(const char* value) { return std::string(value); }
Value expiry(Product product) { return in_seconds(documented_expiry(product)); }
Value words(Words list) { return list; }
Value none() { return std::monostate{}; }

void add_role_rows(std::vector<Row>& rows) {
  rows.push_back({&Profile::ha_conf,
                  "file of the role",
                  {text("/etc/xivo/ha.conf"), observed, kServices},
                  {text("/etc/xivo/ha.conf"), assumed, kAsWazo}});
  rows.push_back({&Profile::is_primary,
                  "sentinel of the primary",
                  {text("/var/lib/wazo/is-primary"), observed, kServices},
                  {none(), documented, kHaPage}});
  rows.push_back({&Profile::is_secondary,
                  "sentinel of the secondary",
                  {text("/var/lib/wazo/is-secondary"), observed, kServices},
                  {none(), documented, kHaPage}});
  rows.push_back({&Profile::cron_master,
                  "cron file of the primary",
                  {text("/etc/cron.d/xivo-ha-master"), observed, kServices},
                  {text("/etc/cron.d/xivo-ha-master"), assumed, kCommonPast}});
  rows.push_back({&Profile::cron_slave,
                  "cron file of the secondary",
                  {text("/etc/cron.d/xivo-ha-slave"), observed, kServices},
                  {text("/etc/cron.d/xivo-ha-slave"), assumed, kCommonPast}});
  rows.push_back({&Profile::standby_marker,
                  "marker of a node that stands by",
                  {text("/var/lib/wazo/disabled"), read, kSources},
                  {text("/var/lib/xivo/disabled"), assumed, kCommonPast}});
}

void add_command_rows(std::vector<Row>& rows) {
  rows.push_back({&Profile::serve_command,
                  "command that makes a node serve",
                  {text("/usr/sbin/xivo-manage-slave-services start"), read, kSources},
                  {text("/usr/sbin/xivo-manage-slave-services start"), documented, kHaPage}});
  rows.push_back({&Profile::stand_by_command,
                  "command that makes a node stand by",
                  {text("/usr/sbin/xivo-manage-slave-services stop"), read, kSources},
                  {text("/usr/sbin/xivo-manage-slave-services stop"), documented, kHaPage}});
  rows.push_back({&Profile::services_program,
                  "program for the unit groups",
                  {text("/usr/bin/wazo-service"), read, kSources},
                  {text("/usr/bin/xivo-service"), documented, kHaPage}});
  rows.push_back({&Profile::upgrade_program,
                  "program that upgrades the product",
                  {text("/usr/bin/wazo-upgrade"), read, kSources},
                  {text("/usr/bin/xivo-upgrade"), documented, kUpgradePage}});
  rows.push_back({&Profile::check_command,
                  "the vendor's detector, each minute",
                  {text("/usr/sbin/xivo-check-master-status"), observed, kServices},
                  {text("/usr/sbin/xivo-check-master-status"), documented, kHaPage}});
  rows.push_back({&Profile::replication_command,
                  "the vendor's copy of the database, each hour",
                  {text("/usr/sbin/xivo-master-slave-db-replication"), observed, kServices},
                  {text("/usr/sbin/xivo-master-slave-db-replication"), documented, kHaPage}});
  rows.push_back({&Profile::sync_command,
                  "the vendor's copy of files, each hour",
                  {text("/usr/bin/wazo-sync"), observed, kServices},
                  {text("/usr/bin/xivo-sync"), documented, kHaPage}});
  rows.push_back({&Profile::sync_setup_command,
                  "what makes the key for the copy of files",
                  {text("/usr/bin/wazo-sync -i"), read, kSources},
                  {text("/usr/bin/xivo-sync -i"), documented, kHaPage}});
  rows.push_back({&Profile::sync_key,
                  "key of the copy of files",
                  {text("/root/.ssh/xivo_id_rsa"), read, kSources},
                  {text("/root/.ssh/xivo_id_rsa"), assumed, kCommonPast}});
}

void add_file_rows(std::vector<Row>& rows) {
  rows.push_back(
      {&Profile::directories,
       "directories that are copied",
       {words({"/etc/asterisk/extensions_extra.d", "/etc/xivo/asterisk",
               "/root/.config/wazo-auth-cli", "/var/lib/asterisk/agi-bin", "/var/lib/asterisk/moh",
               "/var/lib/wazo-auth-keys"}),
        read, kSources},
       {words({"/etc/asterisk/extensions_extra.d", "/etc/xivo/asterisk",
               "/var/lib/asterisk/agi-bin", "/var/lib/asterisk/moh", "/var/lib/xivo/certificates",
               "/var/lib/xivo/sounds/acd", "/var/lib/xivo/sounds/playback"}),
        documented, "the HA page from before Wazo left XiVO, but for /var/lib/consul/raft"}});
  rows.push_back({&Profile::tenant_sounds,
                  "sounds of the tenants, copied too",
                  {text("/var/lib/wazo/sounds/tenants"), read, kSources},
                  {none(), documented, kHaPage}});
  rows.push_back({&Profile::tenant_sounds_excluded,
                  "of these not copied",
                  {words({"monitor", "recording"}), read, kSources},
                  {words({}), documented, kHaPage}});
  rows.push_back(
      {&Profile::sounds,
       "sounds that users make, of what is copied",
       {words({"/var/lib/asterisk/moh", "/var/lib/wazo/sounds/tenants"}), read, kSources},
       {words(
            {"/var/lib/asterisk/moh", "/var/lib/xivo/sounds/acd", "/var/lib/xivo/sounds/playback"}),
        documented, kBackupPage}});
  rows.push_back({&Profile::voicemail,
                  "voicemail",
                  {text("/var/spool/asterisk/voicemail"), read, kSources},
                  {text("/var/spool/asterisk/voicemail"), documented, kBackupPage}});
  rows.push_back({&Profile::recordings,
                  "recordings",
                  {words({"/var/lib/wazo/sounds/tenants/*/monitor",
                          "/var/lib/wazo/sounds/tenants/*/recording"}),
                   read, kSources},
                  {words({"/var/spool/asterisk/monitor", "/var/lib/xivo/sounds/recordings"}),
                   documented, kBackupPage}});
  rows.push_back({&Profile::provd_configs,
                  "documents of provd",
                  {text("/var/lib/wazo-provd/jsondb/configs"), observed, kServices},
                  {text("/var/lib/xivo-provd/jsondb/configs"), assumed, kCommonPast}});
  rows.push_back({&Profile::provd_plugins,
                  "plug-ins of provd",
                  {text("/var/lib/wazo-provd/plugins"), observed, kServices},
                  {text("/var/lib/xivo-provd/plugins"), documented, kBackupPage}});
  rows.push_back({&Profile::version_file,
                  "version of the product",
                  {text("/usr/share/wazo/WAZO-VERSION"), read, kSources},
                  {text("/usr/share/xivo/XIVO-VERSION"), assumed, kCommonPast}});
}

void add_database_rows(std::vector<Row>& rows) {
  rows.push_back({&Profile::postgres_config,
                  "PostgreSQL's configuration, if it can not be asked",
                  {text("/etc/postgresql/15/main"), observed, kServices},
                  {none(), assumed, "it differs by release: only the server can tell"}});
  rows.push_back({&Profile::postgres_unit,
                  "unit of PostgreSQL",
                  {text("postgresql.service"), observed, kServices},
                  {text("postgresql.service"), assumed, kAsWazo}});
  rows.push_back({&Profile::copies_dhcp,
                  "the copy brings the primary's DHCP configuration",
                  {false, observed, kServices},
                  {true, documented, kHaPage}});
  rows.push_back({&Profile::dhcp_table,
                  "table of the DHCP configuration",
                  {text("dhcp"), observed, kServices},
                  {text("dhcp"), assumed, kCommonPast}});
  rows.push_back(
      {std::monostate{},
       "where the SIP expiry is kept; found by asking",
       {text("confd: the SIP template labelled global of each tenant"), observed, kServices},
       {text("confd: /asterisk/sip/general"), assumed,
        "Wazo had it there before 20.13, and XiVO branched off earlier"}});
  rows.push_back(
      {std::monostate{},
       "SIP expiry with a second node, minimum/maximum/default",
       {expiry(Product::wazo), read, "Wazo's sources until 20.12, its documentation since"},
       {expiry(Product::xivo), documented, kHaPage}});
  rows.push_back({std::monostate{},
                  "SIP expiry without one",
                  {in_seconds(expiry_without_ha()), observed, kServices},
                  {in_seconds(expiry_without_ha()), assumed, kCommonPast}});
}

void add_xivo_rows(std::vector<Row>& rows) {
  using Centre = Profile::ContactCentre;
  const Cell absent{none(), read, kSources};
  rows.push_back({&Profile::bnfos_program,
                  "program for the ISDN switch",
                  {text("/usr/bin/bnfos"), read, kCommonPast},
                  {text("/usr/bin/bnfos"), documented, kBerofosPage}});
  rows.push_back({&Profile::bnfos_conf,
                  "ISDN switches of the node",
                  {text("/etc/bnfos.conf"), read, kCommonPast},
                  {text("/etc/bnfos.conf"), documented, kBerofosPage}});
  rows.push_back({&Centre::env_file,
                  "environment of the contact centre's containers",
                  absent,
                  {text("/etc/docker/xivo/custom.env"), documented, kCcPage}});
  rows.push_back({&Centre::log_folder,
                  "log folder of the contact centre's replication",
                  absent,
                  {text("/var/log/xivo-db-replication"), documented, kCcPage}});
  rows.push_back({&Centre::log_owner,
                  "owner of that folder",
                  absent,
                  {text("daemon:daemon"), documented, kCcPage}});
  rows.push_back({&Centre::marker,
                  "marker of a contact centre in use",
                  absent,
                  {text("/var/lib/xivo/xc_enabled"), documented, kCcPage}});
  rows.push_back({&Centre::commands,
                  "commands that make a change of it take effect",
                  absent,
                  {Lines{{"/usr/bin/apt-get", "install", "--yes", "xivocc-docker-components"},
                         {"/usr/bin/xivo-service", "start"},
                         {"/usr/sbin/xivo-monitoring-update"}},
                   documented, kCcPage}});
}

std::vector<Row> make_rows() {
  std::vector<Row> rows;
  add_role_rows(rows);
  add_command_rows(rows);
  add_file_rows(rows);
  add_database_rows(rows);
  add_xivo_rows(rows);
  return rows;
}

const std::vector<Row>& rows() {
  static const std::vector<Row> kRows = make_rows();
  return kRows;
}

const Cell& cell_of(const Row& row, Product product) {
  return product == Product::wazo ? row.wazo : row.xivo;
}

// Puts a value into the profile; a value that its member can not hold ends the program's start.
struct Setter {
  Profile& profile;
  const Value& value;

  bool has_none() const { return std::holds_alternative<std::monostate>(value); }

  void operator()(std::monostate) const {}
  void operator()(std::optional<std::string> Profile::*member) const {
    if (!has_none()) profile.*member = std::get<std::string>(value);
  }
  template <class T>
  void operator()(T Profile::*member) const {
    profile.*member = std::get<T>(value);
  }
  template <class T>
  void operator()(T Profile::ContactCentre::*member) const {
    if (has_none()) return;
    if (!profile.contact_centre) profile.contact_centre.emplace();
    *profile.contact_centre.*member = std::get<T>(value);
  }
};

Profile make_profile(Product product) {
  Profile profile;
  for (const Row& row : rows())
    std::visit(Setter{profile, cell_of(row, product).value}, row.member);
  return profile;
}

struct Shown {
  std::string operator()(std::monostate) const { return "none"; }
  std::string operator()(const std::string& value) const { return value; }
  std::string operator()(bool value) const { return value ? "yes" : "no"; }
  std::string operator()(const Words& list) const {
    return list.empty() ? "none" : fmt::format("{}", fmt::join(list, ", "));
  }
  std::string operator()(const Lines& commands) const {
    Words lines;
    for (const Words& argv : commands) lines.push_back(fmt::format("{}", fmt::join(argv, " ")));
    return (*this)(lines);
  }
};

}  // namespace

std::string_view proof_name(Proof proof) {
  switch (proof) {
    case observed: return "observed";
    case read: return "read";
    case documented: return "documented";
    case assumed: return "assumed";
  }
  std::abort();  // unreachable: -Wswitch keeps the list complete
}

bool is_verified(Proof proof) { return proof == observed || proof == read; }

std::vector<ProductFact> product_facts(Product product) {
  std::vector<ProductFact> facts;
  for (const Row& row : rows()) {
    const Cell& cell = cell_of(row, product);
    facts.push_back({row.what, std::visit(Shown{}, cell.value), cell.proof, cell.source});
  }
  return facts;
}

std::vector<ProductFact> unverified_facts(Product product) {
  std::vector<ProductFact> facts = product_facts(product);
  std::erase_if(facts, [](const ProductFact& fact) { return is_verified(fact.proof); });
  return facts;
}

const Profile& profile_of(Product product) {
  static const Profile kWazo = make_profile(Product::wazo);
  static const Profile kXivo = make_profile(Product::xivo);
  switch (product) {
    case Product::wazo: return kWazo;
    case Product::xivo: return kXivo;
  }
  std::abort();  // unreachable: -Wswitch keeps the list complete
}

}  // namespace tandem
