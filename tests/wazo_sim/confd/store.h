// confd's database, as far as the stand-in has one: STATE/confd.json.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/wazo_sim/context.h"
#include "tests/wazo_sim/json_text.h"

namespace tandem::wazo_sim {

// A list of `[key, value]` pairs: what confd calls the options of a section.
using Pairs = std::vector<std::pair<std::string, std::string>>;

class ConfdStore {
 public:
  explicit ConfdStore(Context& context);

  // "templates", "endpoints", "trunks", "lines" or "subscribers": an array of objects.
  Json& collection(const char* name) { return state_.at(name); }
  const Json& collection(const char* name) const { return state_.at(name); }
  // The object of a collection with this uuid, or null.
  Json* find(const char* name, const std::string& uuid);

  // Whether there was no file yet: a node before its first start.
  bool fresh() const { return fresh_; }
  bool configured() const { return state_.at("configured"); }
  bool live_reload() const { return state_.at("live_reload"); }
  bool has_templates() const { return state_.at("era").at("sip") == "templates"; }
  bool has_registrars() const { return state_.at("era").at("registrars"); }
  Json& sip_general() { return state_.at("sip_general"); }

  void set(const char* key, const Json& value);
  // Asterisk was told to read its PJSIP configuration again.
  void count_reload();

  // The templates that confd's sync job makes for a tenant. `global_uuid` names the first.
  void add_tenant_templates(const std::string& tenant,
                            const std::optional<std::string>& global_uuid);
  // A template as a user may make one; its uuid.
  std::string add_template(const std::string& tenant, const std::string& label, const Pairs& aor);
  void run_wizard();

  const Json& state() const { return state_; }
  void save();

 private:
  Context& context_;
  Json state_;
  bool fresh_ = true;
};

// An endpoint or template without any options.
Json blank_sip(const std::string& uuid, const std::string& tenant, const std::string& name,
               const std::string& label);

Json to_json(const Pairs& pairs);

}  // namespace tandem::wazo_sim
