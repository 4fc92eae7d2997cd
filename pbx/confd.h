// The configuration service, typed: what we read and write of it, and nothing else.
//
// An answer that is not what we expect is Fault::unavailable with the field's name; a list with
// fewer items than its own `total` is never returned.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "pbx/api.h"
#include "pbx/json.h"
#include "pbx/registrar.h"

namespace tandem {

// A SIP template: of its sections only the one that holds the expirations.
struct SipTemplate {
  std::string uuid;
  std::string tenant_uuid;
  OptionPairs aor;  // in whatever order confd felt like
};

// [general] of sip.conf, in versions before PJSIP. Lists of options, as both keys hold them.
struct SipGeneral {
  OptionPairs options;   // `options` and `ordered_options`, only the values that are strings
  std::string document;  // the whole answer: a PUT replaces everything, so all of it goes back
};

struct WizardState {
  bool configured = false;
};

struct Infos {
  std::string uuid;  // the same on both nodes after a replication
  std::string version;
};

// A trunk, as far as its SIP endpoint goes.
struct Trunk {
  std::string tenant_uuid;
  std::string endpoint_uuid;
  std::string name;  // of the endpoint, as a person gave it

  bool operator==(const Trunk&) const = default;
};

class Confd {
 public:
  // `base_url` as in operator.yaml: "http://127.0.0.1:9486/1.1".
  Confd(Http& http, Auth& auth, std::string base_url);

  Task<Result<std::vector<Registrar>>> registrars();
  // Only the two keys; "" is stored as null, as the vendor clears them. confd carries the change to
  // the devices and to autoprov.
  Task<Status> put_registrar_backups(std::string id, std::string backup_host,
                                     std::string proxy_backup_host);

  // Those labelled `global`, of all tenants; only of the token's own if it lacks auth.tenants.read.
  Task<Result<std::vector<SipTemplate>>> global_templates();
  Task<Result<SipTemplate>> sip_template(std::string uuid);
  // Replaces the section as a whole. A 5xx may have been committed all the same.
  Task<Status> put_aor(std::string uuid, OptionPairs aor);

  Task<Result<SipGeneral>> sip_general();
  // `current` with these options set, each once; everything else goes back as it came.
  Task<Status> put_sip_general(SipGeneral current, std::map<std::string, std::string> options);

  // Those with a SIP endpoint, of all tenants.
  Task<Result<std::vector<Trunk>>> sip_trunks();
  // The options by which a SIP endpoint registers itself elsewhere, the inherited ones too.
  Task<Result<OptionPairs>> registration(std::string endpoint_uuid);

  // Whether a write here makes Asterisk reload.
  Task<Result<bool>> live_reload();
  // Needs no token.
  Task<Result<WizardState>> wizard();
  Task<Result<Infos>> infos();

 private:
  Task<Result<Json>> get(std::string path, bool with_token = true);
  Task<Status> put(std::string path, std::string body);

  Api api_;
};

}  // namespace tandem
