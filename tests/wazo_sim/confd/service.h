// wazo-confd, as far as high availability, registrars, SIP expiry, trunks, devices, health and what
// users set on their phones go.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "tests/wazo_sim/auth/service.h"
#include "tests/wazo_sim/confd/ha.h"
#include "tests/wazo_sim/confd/registrars.h"
#include "tests/wazo_sim/confd/store.h"
#include "tests/wazo_sim/context.h"
#include "tests/wazo_sim/control/faults.h"
#include "tests/wazo_sim/http/message.h"
#include "tests/wazo_sim/provd/service.h"
#include "tests/wazo_sim/sysconfd/service.h"

namespace tandem::wazo_sim {

class ConfdService {
 public:
  ConfdService(Context& context, FaultTable& faults, AuthService& auth, ProvdService& provd,
               SysconfdService& sysconfd);

  Response handle(const Request& request);

  ConfdStore& store() { return store_; }
  ConfdRegistrars& registrars() { return registrars_; }
  // Makes what is missing of a configured node, in provd too.
  void run_wizard();

 private:
  enum class Scope { any_tenant, master_tenant };

  // Who asks, and in which tenant.
  struct Caller {
    const AuthService::Token* token = nullptr;
    std::string tenant;
  };

  using Admission = std::variant<Caller, Response>;

  Admission admit(const Request& request, const std::string& acl, Scope scope = Scope::any_tenant);
  // The tenants whose things a caller sees. `recurse` is dropped without a word when the token
  // lacks auth.tenants.read.
  std::vector<std::string> visible(const Caller& caller, bool recurse) const;

  Response route_sip(const Request& request);
  Response ha(const Request& request);
  Response wizard(const Request& request);
  Response fixed(const Request& request, const std::string& acl, const Json& body);
  Response registrars(const Request& request);
  Response registrar(const Request& request);
  Response devices(const Request& request);
  Response device(const Request& request);
  Response sip_general(const Request& request);
  Response replace_sip_general(const Request& request);

  // users.cc
  Response user_settings(const Request& request);
  Response set_dnd(Json& user, const Json& body);
  Response set_forwards(Json& user, const Json& body);
  void keep_user_setting(const Json& user, const std::string& name, const std::string& enabled,
                         const std::string& destination);

  // confd_endpoints.cc
  Response sip_list(const Request& request, const char* collection);
  Response sip_item(const Request& request, const char* collection, const std::string& uuid);
  Response change_sip_item(const Request& request, Json& document);
  Response create_endpoint(const Request& request);
  Response trunks(const Request& request);
  Response trunk(const Request& request);
  Response associate(const Request& request);
  Json sip_view(const Json& document, const char* collection, const std::string& base);
  Json trunk_view(const Json& trunk, const std::string& base);
  Json* find_trunk(const std::string& id, const std::vector<std::string>& tenants);
  Response reload_asterisk();

  Context& context_;
  FaultTable& faults_;
  AuthService& auth_;
  ProvdService& provd_;
  SysconfdService& sysconfd_;
  ConfdStore store_;
  ConfdRegistrars registrars_;
  ConfdHa ha_;
};

// The URL before "/1.1" in links, as the client addressed us.
std::string base_url(const Request& request);

bool reads(const Request& request);

// A user who has set nothing.
Json blank_user(const std::string& uuid, const std::string& tenant);

}  // namespace tandem::wazo_sim
