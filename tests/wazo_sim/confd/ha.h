// confd's /1.1/ha: checks what it is told, carries it to the registrars, and leaves the rest to
// sysconfd, last of all.
#pragma once

#include "tests/wazo_sim/confd/registrars.h"
#include "tests/wazo_sim/http/message.h"
#include "tests/wazo_sim/sysconfd/service.h"

namespace tandem::wazo_sim {

class ConfdHa {
 public:
  ConfdHa(SysconfdService& sysconfd, ConfdRegistrars& registrars)
      : sysconfd_(sysconfd), registrars_(registrars) {}

  Response get();
  Response put(const Request& request);

 private:
  // What sysconfd reads from ha.conf, or why confd can not tell.
  std::variant<Json, Response> current();

  SysconfdService& sysconfd_;
  ConfdRegistrars& registrars_;
};

}  // namespace tandem::wazo_sim
