// The control endpoint: what tests and the lab change behind the services' backs, and look at.
#pragma once

#include <string>

#include "tests/wazo_sim/auth/service.h"
#include "tests/wazo_sim/confd/service.h"
#include "tests/wazo_sim/control/faults.h"
#include "tests/wazo_sim/control/journal.h"
#include "tests/wazo_sim/http/message.h"
#include "tests/wazo_sim/provd/service.h"

namespace tandem::wazo_sim {

class Control {
 public:
  struct Node {
    Context& context;
    FaultTable& faults;
    Journal& journal;
    AuthService& auth;
    ProvdService& provd;
    ConfdService& confd;
  };

  explicit Control(Node node) : node_(node) {}

  // Bad input is answered with 400 and {"error": "..."}, an unknown path with 404.
  Response handle(const Request& request);

 private:
  Response route(const Request& request);
  Response journal(const Request& request);
  Response faults(const Request& request);
  Response state();
  Response change(const std::string& what, const Json& body);
  Response add_tenant(const Json& body);
  Response add_registrar(const Json& body);
  Response add_phone(const Json& body);
  Response add_template(const Json& body);
  Response add_trunk(const Json& body);
  Response add_subscriber(const Json& body);
  Response add_user(const Json& body);
  Response patch_template(const std::string& uuid, const Json& body);
  Response set_wizard(const Json& body);
  Response set_era(const Json& body);

  Node node_;
};

}  // namespace tandem::wazo_sim
