#include "tests/wazo_sim/confd/store.h"

#include <algorithm>

#include "tests/wazo_sim/auth/service.h"
#include "tests/wazo_sim/disk.h"
#include "tests/wazo_sim/http/message.h"

namespace tandem::wazo_sim {
namespace {

const Pairs kGlobalAor = {{"maximum_expiration", "3600"}, {"default_expiration", "120"},
                          {"minimum_expiration", "60"},   {"qualify_frequency", "60"},
                          {"remove_existing", "true"},    {"max_contacts", "1"}};

const Pairs kGlobalEndpoint = {{"direct_media", "no"},
                               {"allow_transfer", "yes"},
                               {"use_ptime", "yes"},
                               {"callerid", "wazo"},
                               {"dtmf_mode", "rfc4733"},
                               {"language", "en_US"},
                               {"inband_progress", "no"},
                               {"rtp_timeout_hold", "0"},
                               {"timers_sess_expires", "600"},
                               {"timers_min_se", "90"},
                               {"trust_id_inbound", "no"},
                               {"allow_subscribe", "yes"},
                               {"allow", "!all,ulaw"},
                               {"set_var", "TIMEOUT(absolute)=36000"},
                               {"set_var", "DYNAMIC_FEATURES=togglerecord"},
                               {"notify_early_inuse_ringing", "yes"},
                               {"rtp_timeout", "7200"}};

const Pairs kWebrtcEndpoint = {{"timers_min_se", "90"},
                               {"webrtc", "yes"},
                               {"dtls_auto_generate_cert", "yes"},
                               {"allow", "!all,opus,g722,alaw,ulaw,vp9,vp8,h264"},
                               {"max_video_streams", "25"},
                               {"max_audio_streams", "1"},
                               {"timers", "always"},
                               {"timers_sess_expires", "300"}};

const Pairs kTrunkRegistration = {{"fatal_retry_interval", "30"},
                                  {"auth_rejection_permanent", "no"},
                                  {"max_retries", "10000"},
                                  {"retry_interval", "20"},
                                  {"forbidden_retry_interval", "30"}};

constexpr const char* kUdpTransport = "b9dc2ba3-33de-4a33-b5d5-61c7ff1648e4";
constexpr const char* kWebsocketTransport = "0a6b3c83-92ab-4654-b7c9-f53c1ee66a8f";

// The master tenant's templates have the recorded UUIDs and names, so that recordings can be
// replayed against a fresh node.
struct TemplateIdentity {
  const char* label;
  const char* uuid;
  const char* name;
};

// clang-format off
constexpr TemplateIdentity kMasterTemplates[] = {
    {"global",             "e61d1069-6c5e-4596-be47-320854569810", "9d0t9492"},
    {"meeting_guest",      "9dd439dc-8103-4e35-b8c0-d605c478710f", "vfz6cys1"},
    {"registration_trunk", "fc4a409c-b7f1-4ab1-a0fb-d864e9fbc254", "iko89612"},
    {"twilio_trunk",       "b8b8fe84-b7c8-43bb-8fd4-69424672c10a", "e5hrocq8"},
    {"webrtc",             "da589677-33a6-49ce-8193-cbb6acad9a82", "kfa2kvml"},
};
// clang-format on

Pairs twilio_matches() {
  Pairs matches;
  for (const auto& [network, first] :
       {std::pair("54.172.60.", 0), std::pair("54.244.51.", 0), std::pair("54.171.127.", 192),
        std::pair("35.156.191.", 128), std::pair("54.65.63.", 192), std::pair("54.169.127.", 128),
        std::pair("54.252.254.", 64), std::pair("177.71.206.", 192)})
    for (int last = first; last < first + 4; ++last)
      matches.emplace_back("match", network + std::to_string(last));
  return matches;
}

Json initial_state() {
  // The keys and defaults of chan_sip, which a node before 20.13 has in place of the templates.
  const Json general = {
      {"options",
       {{"minexpiry", "60"},
        {"maxexpiry", "3600"},
        {"defaultexpiry", "120"},
        {"context", "default"},
        {"bindport", "5060"},
        {"qualifyfreq", "60"},
        {"session-minse", "90"}}},
      {"ordered_options",
       Json::array({Json::array({"allow", "ulaw"}), Json::array({"localnet", "10.0.0.0/24"})})}};
  return {{"configured", false},
          {"live_reload", true},
          {"era", {{"sip", "templates"}, {"registrars", true}}},
          {"reloads", 0},
          {"templates", Json::array()},
          {"endpoints", Json::array()},
          {"trunks", Json::array()},
          {"lines", Json::array()},
          {"subscribers", Json::array()},
          {"sip_general", general}};
}

}  // namespace

Json to_json(const Pairs& pairs) {
  Json list = Json::array();
  for (const auto& [key, value] : pairs) list.push_back(Json::array({key, value}));
  return list;
}

Json blank_sip(const std::string& uuid, const std::string& tenant, const std::string& name,
               const std::string& label) {
  return {{"uuid", uuid},
          {"tenant_uuid", tenant},
          {"name", name},
          {"label", label},
          {"aor_section_options", Json::array()},
          {"auth_section_options", Json::array()},
          {"endpoint_section_options", Json::array()},
          {"identify_section_options", Json::array()},
          {"registration_section_options", Json::array()},
          {"registration_outbound_auth_section_options", Json::array()},
          {"outbound_auth_section_options", Json::array()},
          {"templates", Json::array()},
          {"transport", nullptr},
          {"asterisk_id", nullptr}};
}

ConfdStore::ConfdStore(Context& context) : context_(context), state_(initial_state()) {
  const auto stored = read_json(context.options.state / "confd.json");
  if (!stored) return;
  state_.update(*stored);
  fresh_ = false;
}

Json* ConfdStore::find(const char* name, const std::string& uuid) {
  for (Json& each : collection(name))
    if (each.at("uuid") == lower_case(uuid)) return &each;
  return nullptr;
}

void ConfdStore::set(const char* key, const Json& value) {
  if (state_.at(key) == value) return;
  state_[key] = value;
  save();
}

void ConfdStore::count_reload() {
  state_["reloads"] = state_.at("reloads").get<int>() + 1;
  write_file(context_.options.state / "confd.json", state_.dump(1) + "\n");
}

void ConfdStore::add_tenant_templates(const std::string& tenant,
                                      const std::optional<std::string>& global_uuid) {
  std::map<std::string, std::string> uuids;
  std::vector<Json> made;
  for (const auto& [label, uuid, name] : kMasterTemplates) {
    const bool master = tenant == kMasterTenant;
    uuids[label] = master ? uuid : new_uuid();
    if (global_uuid && std::string(label) == "global") uuids[label] = *global_uuid;
    made.push_back(blank_sip(uuids[label], tenant, master ? name : new_uuid().substr(0, 8), label));
  }
  made[0]["aor_section_options"] = to_json(kGlobalAor);
  made[0]["endpoint_section_options"] = to_json(kGlobalEndpoint);
  made[0]["transport"] = kUdpTransport;
  made[1]["templates"] = Json::array({uuids["webrtc"]});
  made[2]["registration_section_options"] = to_json(kTrunkRegistration);
  made[2]["templates"] = Json::array({uuids["global"]});
  made[3]["identify_section_options"] = to_json(twilio_matches());
  made[3]["templates"] = Json::array({uuids["registration_trunk"]});
  made[4]["aor_section_options"] = to_json({{"remove_existing", "false"}, {"max_contacts", "10"}});
  made[4]["endpoint_section_options"] = to_json(kWebrtcEndpoint);
  made[4]["templates"] = Json::array({uuids["global"]});
  made[4]["transport"] = kWebsocketTransport;
  for (const Json& each : made) collection("templates").push_back(each);
  save();
}

std::string ConfdStore::add_template(const std::string& tenant, const std::string& label,
                                     const Pairs& aor) {
  Json made = blank_sip(new_uuid(), tenant, new_uuid().substr(0, 8), label);
  made["aor_section_options"] = to_json(aor);
  collection("templates").push_back(made);
  save();
  return made.at("uuid");
}

void ConfdStore::run_wizard() {
  const bool has_any = std::ranges::any_of(collection("templates"), [](const Json& each) {
    return each.at("tenant_uuid") == kMasterTenant;
  });
  if (!has_any) add_tenant_templates(kMasterTenant, std::nullopt);
  set("configured", true);
}

void ConfdStore::save() {
  ++context_.changes;
  write_file(context_.options.state / "confd.json", state_.dump(1) + "\n");
}

}  // namespace tandem::wazo_sim
