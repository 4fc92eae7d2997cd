// wazo-sysconfd: the only one of the services that touches the node itself. It has no state of its
// own but the node's files; commands are noted in the journal in place of being run, unless
// Options::run_programs asks for those that the node's folder has.
#pragma once

#include <optional>
#include <string>

#include "tests/wazo_sim/context.h"
#include "tests/wazo_sim/control/faults.h"
#include "tests/wazo_sim/control/journal.h"
#include "tests/wazo_sim/http/message.h"
#include "tests/wazo_sim/json_text.h"

namespace tandem::wazo_sim {

class SysconfdService {
 public:
  SysconfdService(Context& context, FaultTable& faults, Journal& journal)
      : context_(context), faults_(faults), journal_(journal) {}

  Response handle(const Request& request);

  // What confd does: a request of its own, journalled like any other. Nothing: it is down, or cut
  // the connection.
  std::optional<Response> ask(const std::string& method, const std::string& path,
                              const std::string& body = "");

 private:
  Response ha_config() const;
  Response update_ha_config(const Json& wanted);
  Response services(const Json& actions);
  Response xivoctl(const Json& actions);

  bool step_fails(const std::string& step);
  // Whether the command went well: it does unless its step is to fail.
  bool run(const std::string& line);

  Context& context_;
  FaultTable& faults_;
  Journal& journal_;
};

}  // namespace tandem::wazo_sim
