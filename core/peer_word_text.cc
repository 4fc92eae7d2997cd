#include "core/peer_word_text.h"

#include <nlohmann/json.hpp>

#include "core/formats.h"
#include "core/wire_json.h"
#include "core/wording.h"

namespace tandem {
namespace {

using Json = nlohmann::ordered_json;
using enum WireReader::Presence;

constexpr const char* kVersion = "tandem.ha/v1alpha1";
constexpr const char* kKind = "PeerWord";
constexpr const char* kWhat = "the word of the other node";

constexpr std::size_t kNameMax = 253;
constexpr std::size_t kIdMax = 100;
constexpr std::size_t kReasonMax = 500;
constexpr std::size_t kResultMax = 1000;
constexpr std::size_t kImpairedMax = 32;
constexpr std::size_t kNotWellMax = 100;

constexpr const char* kSipNames[] = {"Unknown", "Answers", "Silent"};
constexpr const char* kTroubleNames[] = {"Unknown", "Failed", "Restarting"};

template <class Enum>
std::optional<Enum> find_name(const char* const (&names)[3], std::string_view name) {
  for (int i = 0; i < 3; ++i)
    if (name == names[i]) return static_cast<Enum>(i);
  return std::nullopt;
}

std::optional<OwnSip> sip_of(std::string_view name) { return find_name<OwnSip>(kSipNames, name); }
std::optional<ServiceTrouble> trouble_of(std::string_view name) {
  return find_name<ServiceTrouble>(kTroubleNames, name);
}
std::optional<Role> role_of(std::string_view name) {
  for (const Role role : {Role::off, Role::primary, Role::secondary})
    if (name == role_name(role)) return role;
  return std::nullopt;
}

// At most `length_max` bytes of it, and no broken character or control character at the end.
std::string fitting(std::string_view text, std::size_t length_max) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8_length(text, at);
    if (result.size() + std::max<std::size_t>(length, 1) > length_max) break;
    if (is_shown(text.substr(at, length)))
      result += text.substr(at, length);
    else
      result += ' ';
    at += std::max<std::size_t>(length, 1);
  }
  return result;
}

Json fitting(const std::vector<std::string>& words, std::size_t items_max) {
  Json list = Json::array();
  for (const std::string& word : words)
    if (list.size() < items_max && !word.empty()) list.push_back(fitting(word, kNameMax));
  return list;
}

// Beyond what an RFC 3339 time of ours can say, the nearest that it can.
std::string time_text(WallTime time) {
  using namespace std::chrono;
  constexpr sys_days kFirst{year{1970} / 1 / 1};
  constexpr sys_days kEnd{year{2200} / 1 / 1};
  if (time < kFirst) return to_string(WallTime{kFirst});
  if (time >= kEnd) return to_string(WallTime{kEnd - seconds{1}});
  return to_string(time);
}

Json maintenance_json(const std::optional<Maintenance>& maintenance) {
  if (!maintenance) return nullptr;
  return {{"reason", fitting(maintenance->reason, kReasonMax)},
          {"until", time_text(maintenance->until)},
          {"takeOver", maintenance->take_over},
          {"stopped", maintenance->stopped}};
}

Json suspension_json(const std::optional<Suspension>& suspension) {
  if (!suspension) return nullptr;
  return {{"reason", fitting(suspension->reason, kReasonMax)},
          {"until", time_text(suspension->until)}};
}

std::optional<Maintenance> read_maintenance(WireReader& word) {
  const auto* const object = word.object_or_null("maintenance");
  if (object == nullptr) return std::nullopt;
  WireReader fields(*object, std::string(kWhat) + ", its maintenance,");
  Maintenance maintenance;
  maintenance.reason = fields.text("reason", kReasonMax);
  maintenance.until = fields.time("until");
  maintenance.take_over = fields.flag("takeOver");
  maintenance.stopped = fields.flag("stopped");
  if (fields.error()) word.refuse(*fields.error());
  return maintenance;
}

std::optional<Suspension> read_suspension(WireReader& word) {
  const auto* const object = word.object_or_null("suspension");
  if (object == nullptr) return std::nullopt;
  WireReader fields(*object, std::string(kWhat) + ", its suspension,");
  Suspension suspension;
  suspension.reason = fields.text("reason", kReasonMax);
  suspension.until = fields.time("until");
  if (fields.error()) word.refuse(*fields.error());
  return suspension;
}

}  // namespace

std::string to_text(const PeerWord& word) {
  Json json = {{"apiVersion", kVersion}, {"kind", kKind}};
  json["pair"] = fitting(word.pair, kNameMax);
  json["node"] = fitting(word.node, kNameMax);
  json["role"] = role_name(word.role);
  json["state"] = state_name(word.state);
  json["epoch"] = word.epoch;
  json["cause"] = cause_name(word.cause);
  json["sip"] = kSipNames[static_cast<int>(word.sip)];
  json["trouble"] = kTroubleNames[static_cast<int>(word.trouble)];
  json["impaired"] = fitting(word.impaired, kImpairedMax);
  json["upgrading"] = word.upgrading;
  json["hearsUs"] = word.hears_us;
  json["hearsOurSip"] = word.hears_our_sip;
  json["maintenance"] = maintenance_json(word.maintenance);
  json["suspension"] = suspension_json(word.suspension);
  json["specSha256"] = word.spec_sha256;
  json["specSince"] = time_text(word.spec_since);
  json["wantedSha256"] = word.wanted_sha256;
  json["tandemVersion"] = fitting(word.tandem_version, kIdMax);
  json["productVersion"] = fitting(word.product_version, kIdMax);
  json["bootId"] = fitting(word.boot_id, kIdMax);
  json["lastOrder"] = fitting(word.last_order, kIdMax);
  json["lastOrderResult"] = fitting(word.last_order_result, kResultMax);
  json["notWell"] = fitting(word.not_well, kNotWellMax);
  return json.dump() + "\n";
}

Result<PeerWord> parse_peer_word(std::string_view text) {
  const auto json = parse_wire_object(text, kPeerWordBytesMax, kWhat);
  if (!json.ok()) return json.error();
  WireReader fields(json.value(), kWhat);
  if (fields.word("apiVersion", kIdMax) != kVersion)
    fields.refuse("apiVersion", std::string("must be ") + kVersion);
  if (fields.word("kind", kIdMax) != kKind) fields.refuse("kind", std::string("must be ") + kKind);
  PeerWord word;
  word.pair = fields.text("pair", kNameMax);
  word.node = fields.word("node", kNameMax);
  word.role = fields.choice<Role>("role", role_of);
  word.state = fields.choice<NodeState>("state", state_of_name);
  word.epoch = fields.count("epoch");
  word.cause = fields.choice<TakeoverCause>("cause", cause_of_name);
  word.sip = fields.choice<OwnSip>("sip", sip_of);
  word.trouble = fields.choice<ServiceTrouble>("trouble", trouble_of);
  word.impaired = fields.words("impaired", kImpairedMax, kNameMax);
  word.upgrading = fields.flag("upgrading");
  word.hears_us = fields.flag("hearsUs");
  word.hears_our_sip = fields.flag("hearsOurSip");
  word.maintenance = read_maintenance(fields);
  word.suspension = read_suspension(fields);
  word.spec_sha256 = fields.digest("specSha256");
  word.spec_since = fields.time("specSince", optional);
  word.wanted_sha256 = fields.digest("wantedSha256", optional);
  word.tandem_version = fields.text("tandemVersion", kIdMax);
  word.product_version = fields.text("productVersion", kIdMax, optional);
  word.boot_id = fields.text("bootId", kIdMax);
  word.last_order = fields.text("lastOrder", kIdMax, optional);
  word.last_order_result = fields.text("lastOrderResult", kResultMax, optional);
  word.not_well = fields.words("notWell", kNotWellMax, kNameMax, optional);
  if (fields.error()) return *fields.error();
  return word;
}

}  // namespace tandem
