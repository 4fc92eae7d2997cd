#include "app/node.h"

#include "app/secrets.h"
#include "core/url.h"
#include "resources/after_role_change.h"
#include "resources/cron_files.h"
#include "resources/ha_conf.h"
#include "resources/registrars.h"
#include "resources/sentinels.h"
#include "resources/sip_expiry.h"

namespace tandem {

Node::Node(boost::asio::io_context& io, OperatorConfig operator_config, bool remember)
    : config(std::move(operator_config)),
      clock(),
      disk(io.get_executor(), "/"),
      files(io.get_executor(), config.root),
      http(io, config.ca),
      commands(programs, config.root),
      bus(io.get_executor(), SystemBus::address_in(config.root)),
      units(bus),
      auth(http, clock, config.auth,
           [this] { return read_credentials(disk, config.credentials_file); }),
      confd(http, auth, config.confd),
      provd(http, auth, config.provd),
      devices(http, auth, config.provd),
      provd_documents(files),
      unconfirmed(disk, config.state_dir + "/unconfirmed"),
      role(disk, config.state_dir + "/role"),
      phones(disk, config.state_dir + "/phones"),
      surroundings(files, disk, network, confd, auth, config.state_dir,
                   parse_url(config.confd).ok() ? parse_url(config.confd).value().host : "",
                   remember),
      specs(disk, config.pair, config.state_dir, config.node) {}

std::vector<std::unique_ptr<Managed>> Node::make_resources() {
  std::vector<std::unique_ptr<Managed>> resources;
  resources.push_back(std::make_unique<ManagedAs<HaConf>>(files));
  resources.push_back(std::make_unique<ManagedAs<Sentinels>>(files));
  resources.push_back(std::make_unique<ManagedAs<CronFiles>>(files));
  resources.push_back(
      std::make_unique<ManagedAs<Registrars>>(confd, provd, provd_documents, clock));
  resources.push_back(std::make_unique<ManagedAs<RegistrationExpiry>>(confd, unconfirmed));
  resources.push_back(std::make_unique<ManagedAs<AfterRoleChange>>(
      files, commands, units, confd, clock, AfterRoleChange::Records{role, phones}));
  return resources;
}

std::vector<std::string> Node::resource_names() {
  const auto name = [](std::string_view text) { return std::string(text); };
  return {name(HaConf::name), name(Sentinels::name), name(CronFiles::name), name(Registrars::name),
          name(RegistrationExpiry::name), name(AfterRoleChange::name)};
}

}  // namespace tandem
