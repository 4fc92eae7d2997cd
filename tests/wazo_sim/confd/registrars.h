// confd's registrars and devices: a view of provd's documents, and the copies it keeps in step.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "tests/wazo_sim/confd/store.h"
#include "tests/wazo_sim/context.h"
#include "tests/wazo_sim/control/faults.h"
#include "tests/wazo_sim/http/message.h"
#include "tests/wazo_sim/provd/service.h"

namespace tandem::wazo_sim {

class ConfdRegistrars {
 public:
  ConfdRegistrars(ConfdStore& store, FaultTable& faults, ProvdService& provd)
      : store_(store), faults_(faults), provd_(provd) {}

  // `base` is the URL before "/1.1" in links.
  Response list(const std::string& base);
  Response get(const std::string& id, const std::string& base);
  // An unknown registrar is 404 whatever the body says.
  Response put(const std::string& id, const Request& request);

  // Both backups of every registrar, and the copies that phones are given. Nothing when it went
  // well; a failure leaves what was done before it.
  std::optional<Response> set_backups(const Json& host);

  Response list_devices(const std::vector<std::string>& tenants, const std::string& base);
  Response get_device(const std::string& id, const std::string& base);
  Response create_device(const Request& request, const std::string& tenant,
                         const std::string& base);
  Response delete_device(const std::string& id);
  Response synchronize(const std::string& id);

  // A phone in use: a device, its config, and a line of confd that names the registrar. Its id, or
  // nothing when there is no such registrar.
  std::optional<std::string> add_phone(const std::string& registrar, const std::string& number,
                                       const std::optional<std::string>& id);

 private:
  // One call of confd to provd. Nothing when it went well, else what confd answers.
  std::optional<Response> ask_provd(const std::string& method, const std::string& path,
                                    const std::function<void()>& effect);
  // The document first, then the phones, then autoprov.
  std::optional<Response> store(const Json& registrar);
  std::optional<Response> carry_to_devices(const Json& registrar);
  std::optional<Response> carry_to_autoprov(const Json& registrar);
  const Json* find(const std::string& id) const;

  ConfdStore& store_;
  FaultTable& faults_;
  ProvdService& provd_;
};

// The body of a request as confd's schemas take it: an empty value of any kind is as good as {}.
// Else confd's answer.
std::variant<Json, Response> confd_body(const Request& request);

}  // namespace tandem::wazo_sim
