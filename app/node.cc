#include "app/node.h"

#include <sstream>

#include "app/secrets.h"
#include "app/version.h"
#include "core/url.h"
#include "pbx/postgres_password.h"
#include "resources/after_role_change.h"
#include "resources/cc_replication.h"
#include "resources/cron_files.h"
#include "resources/ha_conf.h"
#include "resources/isdn_switch.h"
#include "resources/postgres_access/postgres_access.h"
#include "resources/prerequisites/prerequisites.h"
#include "resources/probe_allowed.h"
#include "resources/registrars.h"
#include "resources/sentinels.h"
#include "resources/services.h"
#include "resources/sip_expiry.h"
#include "resources/sync_key.h"

namespace tandem {
namespace {

// libpq's own where the text names none.
std::uint16_t port_in(const std::string& dsn) {
  std::istringstream words(dsn);
  unsigned port = 0;
  for (std::string word; words >> word;)
    if (word.starts_with("port=")) std::istringstream(word.substr(5)) >> port;
  return port > 0 && port < 65536 ? static_cast<std::uint16_t>(port) : std::uint16_t{5432};
}

}  // namespace

Node::Node(boost::asio::io_context& io, OperatorConfig operator_config, bool remember)
    : config(std::move(operator_config)),
      clock(),
      disk(io.get_executor(), "/"),
      files(io.get_executor(), config.root),
      // In an application container the managed root is the host's own: so are its programs.
      activity(config.root, config.root == "/" || network.in_container() ? "" : config.root),
      http(io, config.ca),
      bus(io.get_executor(), SystemBus::address_in(config.root)),
      units(bus),
      programs(config.state_dir + "/jobs"),
      children(programs, config.root),
      transient(bus, config.root),
      commands(config.commands, transient, children, [this] { return transient.answers(); }),
      sip(datagrams, clock),
      auth(http, clock, config.auth,
           [this] { return read_credentials(disk, config.credentials_file); }),
      confd(http, auth, config.confd),
      user_settings(http, auth, config.confd),
      provd(http, auth, config.provd),
      devices(http, auth, config.provd),
      provd_documents(files),
      postgres(commands, config.postgres_dsn),
      unconfirmed(disk, config.state_dir + "/unconfirmed"),
      owed_commands(disk, config.state_dir + "/owed-commands"),
      relays(disk, config.state_dir + "/isdn-switch"),
      facts({files, confd, provd, sql, [this] { return own_database(); }, clock}),
      peer_ssh(disk, programs, config.ssh_dir),
      postgres_reloads(disk, config.state_dir + "/postgres-reloads"),
      role(disk, config.state_dir + "/role"),
      phones(disk, config.state_dir + "/phones"),
      surroundings(files, disk, network, activity, confd, auth, config.state_dir,
                   parse_url(config.confd).ok() ? parse_url(config.confd).value().host : "",
                   remember),
      specs(disk, config.pair, config.state_dir, config.node) {}

std::vector<std::unique_ptr<Managed>> Node::make_resources(const Told& told) {
  std::vector<std::unique_ptr<Managed>> resources;
  resources.push_back(std::make_unique<ManagedAs<HaConf>>(files));
  resources.push_back(std::make_unique<ManagedAs<Sentinels>>(files));
  resources.push_back(std::make_unique<ManagedAs<CronFiles>>(files));
  resources.push_back(
      std::make_unique<ManagedAs<Registrars>>(confd, provd, provd_documents, clock));
  resources.push_back(
      std::make_unique<ManagedAs<RegistrationExpiry>>(confd, unconfirmed, told.expiry));
  const Services::Ports ports{units, files, commands, activity, sip, clock};
  resources.push_back(std::make_unique<ManagedAs<Services>>(ports, told.services));
  resources.push_back(std::make_unique<ManagedAs<CcReplication>>(files, commands, owed_commands));
  resources.push_back(
      std::make_unique<ManagedAs<IsdnSwitches>>(files, commands, units, relays, clock));
  resources.push_back(std::make_unique<ManagedAs<ProbeAllowed>>(
      files, commands, disk, config.state_dir + "/allowed-by-us", clock));
  resources.push_back(std::make_unique<ManagedAs<Prerequisites>>(Prerequisites::Parts{
      facts, [this](Product product) { return facts_request(product); }, peer_ssh, programs, disk,
      reachability, network, confd, auth, clock, port_in(config.postgres_peer_dsn)}));
  PostgresAccess::Places places;
  places.root = config.root;
  places.config_dir = config.postgres_config_dir;
  places.password_file = config.postgres_password_file;
  places.peer_dsn = config.postgres_peer_dsn;
  places.own_dsn = config.postgres_dsn;
  places.units = &units;
  places.clock = &clock;
  resources.push_back(std::make_unique<ManagedAs<PostgresAccess>>(
      files, disk, postgres, sql, postgres_reloads, std::move(places)));
  resources.push_back(std::make_unique<ManagedAs<SyncKey>>(disk, files, peer_ssh, clock));
  resources.push_back(std::make_unique<ManagedAs<AfterRoleChange>>(
      files, commands, units, confd, clock, AfterRoleChange::Records{role, phones}));
  return resources;
}

Result<SqlTarget> Node::own_database() {
  auto password = read_postgres_password(disk, config.postgres_password_file);
  if (!password.ok()) return password.error();
  return SqlTarget{config.postgres_dsn, std::move(password).value()};
}

FactsRequest Node::facts_request(Product product) const {
  FactsRequest request;
  request.product = product;
  request.tandem_version = kVersion;
  request.spec_hash = specs.view().sha256;
  if (config.root == "/")
    request.state_dir = config.state_dir;  // else it is on no disk of the node
  return request;
}

std::vector<std::string> Node::resource_names() {
  const auto name = [](std::string_view text) { return std::string(text); };
  return {name(HaConf::name),         name(Sentinels::name),          name(CronFiles::name),
          name(Registrars::name),     name(RegistrationExpiry::name), name(Services::name),
          name(CcReplication::name),  name(IsdnSwitches::name),       name(ProbeAllowed::name),
          name(Prerequisites::name),  name(PostgresAccess::name),     name(SyncKey::name),
          name(AfterRoleChange::name)};
}

}  // namespace tandem
