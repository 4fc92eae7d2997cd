// wazo-provd: provisioning configs, devices and their synchronisation, plugins. State in
// ROOT/var/lib/wazo-provd, like the real one.
#pragma once

#include <optional>
#include <string>

#include "tests/wazo_sim/auth/service.h"
#include "tests/wazo_sim/context.h"
#include "tests/wazo_sim/control/faults.h"
#include "tests/wazo_sim/http/message.h"
#include "tests/wazo_sim/json_text.h"
#include "tests/wazo_sim/provd/documents.h"
#include "tests/wazo_sim/provd/operations.h"
#include "tests/wazo_sim/provd/plugins.h"

namespace tandem::wazo_sim {

class ProvdService {
 public:
  ProvdService(Context& context, const FaultTable& faults, const AuthService& auth);

  Response handle(const Request& request);

  // What starting the program does: the files become the truth, operations are forgotten.
  void restart();
  // The documents the wizard makes, as far as they are missing.
  void run_wizard();

  // What confd does, beyond rights and media types.
  const ProvdDocuments& configs() const { return configs_; }
  const ProvdDocuments& devices() const { return devices_; }
  // A document that is already so is not written again.
  void update_config(const std::string& id, const Json& document);
  void put_device(const std::string& id, const Json& document);
  void remove_device(const std::string& id);
  // Where the operation is that now tells how it went, behind "/0.2/".
  std::string synchronize(const std::string& device);
  ProvdPlugins& installed_plugins() { return plugins_; }

  Json state() const;

 private:
  Response status(const Request& request) const;
  Response configs_collection(const Request& request);
  Response config_item(const Request& request);
  Response raw_config(const Request& request) const;
  Response insert_config(const Request& request);
  Response replace_config(const Request& request);
  Response delete_config(const Request& request);
  Json merged_raw(const std::string& id) const;

  // devices.cc
  Response devices_collection(const Request& request);
  Response device_item(const Request& request);
  Response insert_device(const Request& request);
  Response delete_device(const Request& request);
  Response device_action(const Request& request);
  Response operation(const Request& request);

  // packages.cc
  Response plugins(const Request& request);
  Response plugin_list(const Request& request, const std::string& acl, const Json& list) const;
  Response change_plugins(const Request& request, const std::string& what);

  // Nothing: the caller may. Else the answer that says why not.
  std::optional<Response> refusal(const Request& request, const std::string& acl) const;

  Context& context_;
  const FaultTable& faults_;
  const AuthService& auth_;
  ProvdDocuments configs_;
  ProvdDocuments devices_;
  ProvdPlugins plugins_;
  ProvdOperations operations_;
};

}  // namespace tandem::wazo_sim
