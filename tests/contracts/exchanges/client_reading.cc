#include "tests/contracts/exchanges/client_reading.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <regex>

#include "tests/contracts/exchanges/client_devices.h"
#include "tests/contracts/exchanges/client_prerequisites.h"
#include "tests/contracts/exchanges/client_world.h"
#include "tests/run.h"

namespace tandem::exchanges {
namespace {

// What one client's call made of the answer: a failure, or nothing.
using Outcome = std::optional<Error>;
using Read = std::function<Outcome(ClientWorld&, const Recording&)>;

std::string text_in(const Json& object, const char* key) {
  const Json value = object.value(key, Json());
  return value.is_string() ? value.get<std::string>() : "";
}

std::string last_part(const Recording& recording) {
  const std::string path = recording.path.substr(0, recording.path.find('?'));
  return path.substr(path.rfind('/') + 1);
}

std::vector<Registrar> registrars_in(const Json& items, std::array<const char*, 4> keys) {
  std::vector<Registrar> all;
  for (const Json& item : items)
    all.push_back({item.at("id"), text_in(item, keys[0]), text_in(item, keys[1]),
                   text_in(item, keys[2]), text_in(item, keys[3])});
  return all;
}

OptionPairs sorted_pairs(const Json& section) {
  OptionPairs pairs;
  for (const Json& pair : section) pairs.emplace_back(pair[0], pair[1]);
  std::ranges::sort(pairs);
  return pairs;
}

void expect_template(const SipTemplate& got, const Json& recorded) {
  EXPECT_EQ(Json(got.uuid), recorded.at("uuid"));
  EXPECT_EQ(Json(got.tenant_uuid), recorded.at("tenant_uuid"));
  OptionPairs aor = got.aor;
  std::ranges::sort(aor);
  EXPECT_EQ(aor, sorted_pairs(recorded.at("aor_section_options")));
}

// ---- auth

Outcome token(ClientWorld& world, const Recording&) {
  const auto got = run(world.auth.token());
  if (!got.ok()) return got.error();
  EXPECT_TRUE(world.shows_a_secret(got.value())) << "this is no token";
  return std::nullopt;
}

Outcome scopes(ClientWorld& world, const Recording& recording) {
  const Json asked = Json::parse(recording.body).at("scopes");
  const auto got = run(world.auth.check_scopes(asked.get<std::vector<std::string>>()));
  if (!got.ok()) return got.error();
  std::map<std::string, bool> recorded;
  for (const auto& [scope, held] : recording.answer.at("scopes").items()) recorded[scope] = held;
  EXPECT_EQ(got.value(), recorded);
  return std::nullopt;
}

// ---- confd

Outcome registrars(ClientWorld& world, const Recording& recording) {
  const auto got = run(world.confd.registrars());
  if (!got.ok()) return got.error();
  EXPECT_EQ(got.value(),
            registrars_in(recording.answer.at("items"),
                          {"main_host", "proxy_main_host", "backup_host", "proxy_backup_host"}));
  return std::nullopt;
}

Outcome put_registrar(ClientWorld& world, const Recording& recording) {
  const Json body = Json::parse(recording.body);
  const auto got = run(world.confd.put_registrar_backups(
      last_part(recording), text_in(body, "backup_host"), text_in(body, "proxy_backup_host")));
  if (!got.ok()) return got.error();
  if (text_in(body, "backup_host") != "" || body.at("backup_host").is_null()) {
    EXPECT_EQ(Json::parse(world.last_request().body), body);
  }
  return std::nullopt;
}

// Those of all tenants, whichever query was recorded: a tenant that is not asked for stays wrong.
Outcome templates(ClientWorld& world, const Recording& recording) {
  const auto got = run(world.confd.global_templates());
  EXPECT_NE(world.last_request().url.find("recurse=true"), std::string::npos)
      << world.last_request().url;
  if (!got.ok()) return got.error();
  std::vector<Json> recorded;
  for (const Json& item : recording.answer.at("items"))
    if (item.at("label") == Json("global")) recorded.push_back(item);
  EXPECT_EQ(got.value().size(), recorded.size());
  for (std::size_t i = 0; i < std::min(recorded.size(), got.value().size()); ++i)
    expect_template(got.value()[i], recorded[i]);
  return std::nullopt;
}

Outcome sip_template(ClientWorld& world, const Recording& recording) {
  const auto got = run(world.confd.sip_template(last_part(recording)));
  if (!got.ok()) return got.error();
  expect_template(got.value(), recording.answer);
  return std::nullopt;
}

// Of the bodies that no client of ours sends only the answer is taken; ours is always this one key.
Outcome put_aor(ClientWorld& world, const Recording& recording) {
  const Json body = Json::parse(recording.body, nullptr, false);
  const bool ours = body.is_object() && body.size() == 1 && recording.status == 204;
  const auto pairs = ours ? sorted_pairs(body.at("aor_section_options")) : OptionPairs();
  const auto got = run(world.confd.put_aor(last_part(recording), pairs));
  const Json sent = Json::parse(world.last_request().body);
  EXPECT_EQ(sent.size(), 1U) << sent;
  EXPECT_EQ(sorted_pairs(sent.value("aor_section_options", Json::array())), pairs) << sent;
  EXPECT_TRUE(sent.contains("aor_section_options")) << sent;
  if (!got.ok()) return got.error();
  return std::nullopt;
}

Outcome sip_general(ClientWorld& world, const Recording&) {
  const auto got = run(world.confd.sip_general());
  if (!got.ok()) return got.error();
  return std::nullopt;
}

Outcome put_sip_general(ClientWorld& world, const Recording&) {
  SipGeneral current;
  current.document = R"({"options": {}, "ordered_options": []})";
  const std::map<std::string, std::string> options = {{"minexpiry", "60"}};
  const auto got = run(world.confd.put_sip_general(current, options));
  const Json sent = Json::parse(world.last_request().body);
  EXPECT_EQ(sent.value("options", Json()).value("minexpiry", ""), "60") << sent;
  EXPECT_TRUE(sent.contains("ordered_options")) << sent;
  if (!got.ok()) return got.error();
  return std::nullopt;
}

Outcome live_reload(ClientWorld& world, const Recording& recording) {
  const auto got = run(world.confd.live_reload());
  if (!got.ok()) return got.error();
  EXPECT_EQ(Json(got.value()), recording.answer.at("enabled"));
  return std::nullopt;
}

Outcome wizard(ClientWorld& world, const Recording& recording) {
  const auto got = run(world.confd.wizard());
  if (!got.ok()) return got.error();
  EXPECT_EQ(Json(got.value().configured), recording.answer.at("configured"));
  return std::nullopt;
}

Outcome infos(ClientWorld& world, const Recording& recording) {
  const auto got = run(world.confd.infos());
  if (!got.ok()) return got.error();
  EXPECT_EQ(Json(got.value().uuid), recording.answer.at("uuid"));
  EXPECT_EQ(Json(got.value().version), recording.answer.at("wazo_version"));
  return std::nullopt;
}

// ---- provd

Outcome provd_registrars(ClientWorld& world, const Recording& recording) {
  const auto got = run(world.provd.registrars());
  if (!got.ok()) return got.error();
  Json recorded = Json::array();
  for (const Json& config : recording.answer.at("configs"))
    if (config.value("X_type", "") == "registrar") recorded.push_back(config);
  EXPECT_EQ(got.value(), registrars_in(recorded, {"registrar_main", "proxy_main",
                                                  "registrar_backup", "proxy_backup"}));
  return std::nullopt;
}

// A document is only read to be changed and written back: all of it, with the two keys set.
Outcome provd_document(ClientWorld& world, const Recording& recording) {
  Recording stored = recording;
  stored.method = "PUT";
  stored.status = 204;
  stored.answer = "";
  stored.text = true;
  world.also(stored);
  const auto got = run(world.provd.put_registrar_backups(last_part(recording), "10.0.0.7", ""));
  if (!got.ok()) return got.error();
  Json document = recording.answer;
  document["config"]["registrar_backup"] = "10.0.0.7";
  document["config"]["proxy_backup"] = nullptr;
  EXPECT_TRUE(wazo_sim::same_json(Json::parse(world.last_request().body), document))
      << world.last_request().body;
  return std::nullopt;
}

Outcome put_provd_document(ClientWorld& world, const Recording& recording) {
  Recording read = recording;
  read.method = "GET";
  read.status = 200;
  read.answer = {{"config",
                  {{"X_type", "registrar"},
                   {"id", last_part(recording)},
                   {"parent_ids", Json::array()},
                   {"raw_config", {{"X_key", "xivo"}}}}}};
  read.text = false;
  world.also(read);
  const auto got =
      run(world.provd.put_registrar_backups(last_part(recording), "10.0.0.2", "10.0.0.2"));
  Json document = read.answer;
  document["config"]["registrar_backup"] = document["config"]["proxy_backup"] = "10.0.0.2";
  EXPECT_TRUE(wazo_sim::same_json(Json::parse(world.last_request().body), document))
      << world.last_request().body;
  if (!got.ok()) return got.error();
  return std::nullopt;
}

// ---- which client asks what

struct Row {
  const char* method;
  const char* path;  // a regular expression for all of it, without the query
  Read read;
};

const std::vector<Row>& rows() {
  static const std::vector<Row> kRows = {
      {"POST", "(/api/auth)?/0\\.1/token", token},
      {"POST", "/0\\.1/token/[^/]+/scopes/check", scopes},
      {"GET", "/0\\.1/tenants", read_tenants},
      {"GET", "/1\\.1/trunks", read_trunks},
      {"GET", "/1\\.1/endpoints/sip/(?!templates)[^/]+", read_registration},
      {"GET", "(/api/confd)?/1\\.1/registrars", registrars},
      {"PUT", "/1\\.1/registrars/[^/]+", put_registrar},
      {"GET", "/1\\.1/endpoints/sip/templates", templates},
      {"GET", "/1\\.1/endpoints/sip/templates/[^/]+", sip_template},
      {"PUT", "/1\\.1/endpoints/sip/templates/[^/]+", put_aor},
      {"GET", "/1\\.1/asterisk/sip/general", sip_general},
      {"PUT", "/1\\.1/asterisk/sip/general", put_sip_general},
      {"GET", "/1\\.1/configuration/live_reload", live_reload},
      {"GET", "/1\\.1/wizard", wizard},
      {"GET", "(/api/confd)?/1\\.1/infos", infos},
      {"GET", "(/api/provd)?/0\\.2/cfg_mgr/configs", provd_registrars},
      {"GET", "/0\\.2/cfg_mgr/configs/[^/]+", provd_document},
      {"PUT", "/0\\.2/cfg_mgr/configs/[^/]+", put_provd_document},
      {"GET", "/0\\.2/pg_mgr/install/installed", read_installed_plugins},
      {"GET", "/0\\.2/dev_mgr/devices", read_devices},
      {"POST", "/0\\.2/dev_mgr/synchronize", read_synchronize},
      {"GET", "/0\\.2/(dev_mgr/synchronize|pg_mgr/install/(install|update))/[^/]+", read_operation},
      {"DELETE", "/0\\.2/(dev_mgr/synchronize|pg_mgr/install/update)/[^/]+",
       read_operation_deleted},
  };
  return kRows;
}

const Row* row_for(const Recording& recording) {
  const std::string path = recording.path.substr(0, recording.path.find('?'));
  // Behind the vendor's reverse proxy the services have other paths.
  if (recording.service == "nginx" && !path.starts_with("/api/")) return nullptr;
  for (const Row& row : rows())
    if (recording.method == row.method && std::regex_match(path, std::regex(row.path))) return &row;
  return nullptr;
}

// ---- what a failure must be

Fault fault_for(int status) {
  if (status == 401 || status == 403) return Fault::denied;
  if (status == 404) return Fault::not_found;
  return status >= 500 ? Fault::unavailable : Fault::invalid;
}

// The sentence in an error body that a person is to read; "" for pages, and where it has a token.
std::string sentence_in(const Json& answer) {
  const Json first = answer.is_array() && !answer.empty() ? answer[0]
                     : answer.is_object()                 ? answer.value("message", Json())
                                                          : answer;
  if (!first.is_string()) return "";
  const std::string text = first;
  if (text.find('<') != std::string::npos) return "";
  return text.substr(0, 60);
}

void expect_refusal(const ClientWorld& world, const Recording& recording, const Error& error) {
  EXPECT_EQ(error.fault, fault_for(recording.status)) << error.message;
  EXPECT_NE(error.message.find(std::to_string(recording.status)), std::string::npos)
      << error.message;
  EXPECT_FALSE(world.shows_a_secret(error.message)) << error.message;
  EXPECT_EQ(error.message.find("<html"), std::string::npos) << error.message;
  if (recording.service != "auth") {
    EXPECT_NE(error.message.find(sentence_in(recording.answer)), std::string::npos)
        << error.message;
  }
}

// The hosts of the recorded registrars are alike, so that one read for another would not show: with
// its key behind it each is told apart.
Json with_hosts_marked(const Json& value, const std::string& key = "") {
  if (value.is_string() &&
      (key.ends_with("_host") || key.ends_with("_main") || key.ends_with("_backup")))
    return value.get<std::string>() + "." + key;
  Json marked = value;
  if (value.is_structured())
    for (auto at = marked.begin(); at != marked.end(); ++at)
      *at = with_hosts_marked(*at, value.is_object() ? at.key() : "");
  return marked;
}

void read_one(const Row& row, const Recording& recording) {
  ClientWorld world(recording);
  const Outcome failure = row.read(world, recording);
  const HttpRequest& asked = world.last_request();
  EXPECT_TRUE(world.last_path() == world.recorded_path(recording)) << asked.url;
  // Who was asked with a token or a password is asked with one here. (The wizard wants neither.)
  const auto presents = [&](const char* recorded, const char* ours) {
    EXPECT_TRUE(!recording.headers.contains(recorded) || asked.headers.contains(ours))
        << asked.url << " without " << ours;
  };
  presents("x-auth-token", "X-Auth-Token");
  presents("authorization", "Authorization");
  const bool accepted = recording.status >= 200 && recording.status < 300;
  // What was accepted was typed as the client types it.
  const auto type = recording.headers.find("content-type");
  const bool typed = type != recording.headers.end() && type->second.starts_with("application/");
  if (accepted && typed && asked.method == recording.method) {
    EXPECT_EQ(asked.headers.at("Content-Type"), type->second);
  }
  EXPECT_EQ(accepted, !failure.has_value()) << (failure ? failure->message : "");
  if (failure && !accepted) expect_refusal(world, recording, *failure);
}

bool has_a_client(const std::string& service) { return service != "sysconfd"; }

}  // namespace

std::set<std::string> read_refusals(const Recordings& recordings,
                                    const std::set<std::string>& read) {
  std::set<std::string> done;
  for (const auto& [name, recording] : recordings) {
    const bool refused = recording.status >= 400 && recording.method != "HEAD";
    if (!refused || read.contains(name) || !has_a_client(recording.service)) continue;
    SCOPED_TRACE("refusal: " + name);
    ClientWorld world(recording);
    expect_refusal(world, recording, world.refused(recording));
    done.insert(name);
  }
  return done;
}

std::set<std::string> read_with_the_clients(const Recordings& recordings) {
  std::set<std::string> read;
  for (const auto& [name, recording] : recordings) {
    const Row* row = row_for(recording);
    if (row == nullptr) continue;
    SCOPED_TRACE("read by the client: " + name);
    read_one(*row, recording);
    Recording marked = recording;
    marked.answer = with_hosts_marked(recording.answer);
    if (marked.answer != recording.answer) read_one(*row, marked);
    read.insert(name);
  }
  return read;
}

}  // namespace tandem::exchanges
