// What provd's configs hold: the ones of the wizard, and how values are inherited.
#include <set>

#include "tests/wazo_sim/provd/service.h"

namespace tandem::wazo_sim {
namespace {

void merge_into(Json& base, const Json& over) {
  for (const auto& [key, value] : over.items()) {
    if (value.is_object() && base.contains(key) && base[key].is_object())
      merge_into(base[key], value);
    else
      base[key] = value;
  }
}

}  // namespace

// What provd itself knows first, then the ancestors in their order, then the document.
Json ProvdService::merged_raw(const std::string& id) const {
  Json raw = {{"X_comment", "see provd.conf for info about this file"},
              {"tftp_port", 10069},
              {"http_base_url", "http://127.0.0.1:8667"},
              {"ip", "127.0.0.1"},
              {"http_port", 8667}};
  std::set<std::string> seen;
  const auto add = [&](const auto& self, const std::string& each) -> void {
    const Json* config = configs_.find(each);
    if (config == nullptr || !seen.insert(each).second) return;
    for (const Json& parent : config->value("parent_ids", Json::array()))
      if (parent.is_string()) self(self, parent.get<std::string>());
    const Json own = config->value("raw_config", Json::object());
    if (own.is_object()) merge_into(raw, own);
  };
  add(add, id);
  return raw;
}

void ProvdService::run_wizard() {
  const std::string& ip = context_.options.own_address;
  const auto make = [&](const Json& document) {
    const auto id = document.at("id").get<std::string>();
    if (configs_.find(id) == nullptr) update_config(id, document);
  };
  Json line = {{"display_name", "Autoprov"}, {"number", "autoprov"},
               {"password", "autoprov"},     {"proxy_ip", ip},
               {"registrar_ip", ip},         {"username", "apvFKrtWy9"}};
  for (const char* key :
       {"registrar_port", "proxy_port", "backup_proxy_ip", "backup_proxy_port",
        "backup_registrar_ip", "backup_registrar_port", "outbound_proxy_ip", "outbound_proxy_port"})
    line[key] = nullptr;
  make({{"X_type", "internal"},
        {"id", "base"},
        {"deletable", false},
        {"parent_ids", Json::array()},
        {"raw_config", {{"ntp_enabled", true}, {"ntp_ip", ip}, {"X_xivo_phonebook_ip", ip}}}});
  make({{"X_type", "device"},
        {"deletable", false},
        {"id", "defaultconfigdevice"},
        {"label", "Default config device"},
        {"parent_ids", Json::array()},
        {"raw_config",
         {{"ntp_enabled", true},
          {"ntp_ip", ip},
          {"sip_dtmf_mode", "RTP-out-of-band"},
          {"admin_username", "admin"},
          {"admin_password", "1234"},
          {"user_username", "user"},
          {"user_password", "1234"}}}});
  make({{"X_type", "registrar"},
        {"id", "default"},
        {"deletable", false},
        {"displayname", "local"},
        {"parent_ids", Json::array()},
        {"raw_config", {{"X_key", "xivo"}}},
        {"proxy_main", ip},
        {"registrar_main", ip}});
  make({{"X_type", "internal"},
        {"deletable", false},
        {"id", "autoprov"},
        {"parent_ids", Json::array({"base", "defaultconfigdevice"})},
        {"raw_config",
         {{"sccp_call_managers", {{"1", {{"ip", ip}}}}}, {"sip_lines", {{"1", line}}}}},
        {"role", "autocreate"}});
}

}  // namespace tandem::wazo_sim
