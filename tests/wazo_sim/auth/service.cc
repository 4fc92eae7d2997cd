#include "tests/wazo_sim/auth/service.h"

#include <algorithm>
#include <variant>

#include "tests/wazo_sim/disk.h"
#include "tests/wazo_sim/vendor_answers.h"

namespace tandem::wazo_sim {
namespace {

constexpr const char* kOperatorUuid = "fde49f10-c5bb-4fa3-ab3a-f39a2837291d";
constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kExpirationDefault = 7200;
constexpr std::int64_t kExpirationMax = 315'360'000;
constexpr std::size_t kTokensMax = 100'000;

Json tenant_json(const AuthService::Tenant& tenant) {
  Json address;
  for (const char* key : {"line_1", "line_2", "city", "state", "country", "zip_code"})
    address[key] = nullptr;
  return {{"uuid", tenant.uuid},
          {"parent_uuid", tenant.parent},
          {"name", tenant.name},
          {"slug", tenant.name.substr(0, 10)},
          {"contact", nullptr},
          {"phone", nullptr},
          {"default_authentication_method", "native"},
          {"domain_names", Json::array()},
          {"address", address}};
}

// As POST shows it, with fractions of a second; GET reads the token back from the database, which
// keeps whole seconds only.
Json token_json(const AuthService::Token& token, bool stored) {
  const auto whole = [](std::int64_t time) { return time - time % kSecond; };
  const std::int64_t issued = stored ? whole(token.issued) : token.issued;
  const std::int64_t expires = stored ? whole(token.expires) : token.expires;
  const std::size_t shown = stored ? 19 : 26;  // without or with the fraction
  return {{"token", token.id},
          {"auth_id", token.user},
          {"xivo_user_uuid", nullptr},
          {"xivo_uuid", kSystemUuid},
          {"issued_at", iso_time(issued).substr(0, shown)},
          {"expires_at", iso_time(expires).substr(0, shown)},
          {"utc_issued_at", iso_time(issued)},
          {"utc_expires_at", iso_time(expires)},
          {"acl", token.acl},
          {"metadata",
           {{"uuid", token.user},
            {"tenant_uuid", token.tenant},
            {"auth_id", token.user},
            {"pbx_user_uuid", nullptr},
            {"xivo_uuid", kSystemUuid},
            {"purpose", "internal"}}},
          {"session_uuid", token.session},
          {"remote_addr", token.remote_address},
          {"user_agent", token.user_agent}};
}

std::string plain_problem(const std::string& message, const std::string& id,
                          const std::string& constraint) {
  return "{'expiration': {'message': '" + message + "', 'constraint_id': '" + id +
         "', 'constraint': '" + constraint + "'}}";
}

// The lifetime asked for in seconds, or wazo-auth's complaint.
std::variant<std::int64_t, std::string> lifetime(const Json& body) {
  if (!body.contains("expiration")) return kExpirationDefault;
  const Json& given = body["expiration"];
  if (given.is_null()) return plain_problem("Field may not be null.", "not_null", "not_null");
  std::int64_t seconds = 0;
  if (given.is_number()) {
    // Clamped first: a double beyond 64 bits has no integer value.
    seconds = static_cast<std::int64_t>(std::clamp(given.get<double>(), -1e15, 1e15));
  } else if (given.is_boolean()) {
    seconds = given.get<bool>() ? 1 : 0;
  } else {
    const std::string text = given.is_string() ? given.get<std::string>() : "";
    const bool digits = !text.empty() && text.size() < 16 &&
                        text.find_first_not_of("0123456789") == std::string::npos;
    if (!digits) return plain_problem("Not a valid integer.", "type", "integer");
    seconds = std::stoll(text);
  }
  if (seconds >= 1 && seconds <= kExpirationMax) return seconds;
  return std::string(
      "{'expiration': [{'constraint_id': 'range', 'constraint': {'min': 1, 'max': 315360000}, "
      "'message': 'Must be greater than or equal to 1 and less than or equal to 315360000.'}]}");
}

Response not_understood() { return flask_json(400, {{"message", kNotUnderstood}}); }

}  // namespace

Response auth_error(int status, const std::string& reason) {
  const double now = static_cast<double>(wall_now()) / static_cast<double>(kSecond);
  return flask_json(status, {{"reason", Json::array({reason})},
                             {"timestamp", Json::array({now})},
                             {"status_code", status}});
}

AuthService::AuthService(Context& context) : context_(context) {
  tenants_.push_back({kMasterTenant, kMasterTenant, "master"});
  users_.push_back({context.options.user, context.options.password, kOperatorUuid, kMasterTenant,
                    operator_acl()});
  load();
}

Response AuthService::handle(const Request& request) {
  const auto& path = request.path;
  const bool read = request.method == "GET" || request.method == "HEAD";
  if (path.size() < 2 || path[0] != "0.1") return flask_not_found();
  if (path[1] == "status" && path.size() == 2)
    return request.method == "HEAD" ? flask_json(200, "") : flask_not_allowed("HEAD, OPTIONS");
  if (path[1] == "tenants" && path.size() == 2)
    return read ? list_tenants(request) : flask_not_allowed("GET, HEAD, POST, OPTIONS");
  if (path[1] != "token") return flask_not_found();
  if (path.size() == 2)
    return request.method == "POST" ? create_token(request) : flask_not_allowed("POST, OPTIONS");
  if (!is_uuid(path[2])) return flask_not_found();
  if (path.size() == 3) {
    if (read) return check_token(request);
    if (request.method == "DELETE") return delete_token(path[2]);
    return flask_not_allowed("DELETE, GET, HEAD, OPTIONS");
  }
  if (path.size() == 5 && path[3] == "scopes" && path[4] == "check")
    return request.method == "POST" ? check_scopes(request) : flask_not_allowed("POST, OPTIONS");
  return flask_not_found();
}

const AuthService::Token* AuthService::find(const std::string& token) const {
  const auto found = tokens_.find(token);
  if (found == tokens_.end() || found->second.expires <= wall_now()) return nullptr;
  return &found->second;
}

bool AuthService::reaches(const Token& token, const std::string& tenant) const {
  const auto reachable = family(token.tenant);
  return std::ranges::find(reachable, tenant) != reachable.end();
}

std::vector<std::string> AuthService::family(const std::string& tenant) const {
  std::vector<std::string> members;
  // A child is always younger than its parent, so that one pass finds grandchildren too.
  for (const Tenant& each : tenants_)
    if (each.uuid == tenant || std::ranges::find(members, each.parent) != members.end())
      members.push_back(each.uuid);
  return members;
}

std::string AuthService::add_tenant(const std::string& name,
                                    const std::optional<std::string>& uuid) {
  tenants_.push_back({uuid.value_or(new_uuid()), kMasterTenant, name});
  save();
  return tenants_.back().uuid;
}

void AuthService::add_user(User user) {
  std::erase_if(users_, [&](const User& each) { return each.name == user.name; });
  users_.push_back(std::move(user));
  save();
}

void AuthService::set_operator_acl(Acl acl) {
  users_.front().acl = std::move(acl);
  save();
}

void AuthService::forget_tokens() {
  tokens_.clear();
  save();
}

bool AuthService::knows_tenant(const std::string& uuid) const {
  return std::ranges::any_of(tenants_, [&](const Tenant& each) { return each.uuid == uuid; });
}

const AuthService::User* AuthService::authenticate(const Request& request) const {
  const std::string header = request.header("authorization");
  if (lower_case(header.substr(0, 6)) != "basic ") return nullptr;
  const auto pair = base64_decode(header.substr(6));
  if (!pair) return nullptr;
  const auto found = std::ranges::find_if(
      users_, [&](const User& user) { return user.name + ":" + user.password == *pair; });
  return found == users_.end() ? nullptr : &*found;
}

// The body is looked at before the credentials: a bad one is 400 whoever sends it.
Response AuthService::create_token(const Request& request) {
  const auto body = parse_json(request.body);
  if (!body || body->is_null()) return not_understood();
  if (!body->is_object()) return auth_error(400, "{'_schema': ['Invalid input type.']}");
  const auto seconds = lifetime(*body);
  if (const auto* problem = std::get_if<std::string>(&seconds)) return auth_error(400, *problem);
  const User* user = authenticate(request);
  if (user == nullptr) return auth_error(401, "Authentication Failed");

  drop_expired();
  if (tokens_.size() >= kTokensMax) return auth_error(500, "too many tokens");
  Token token{new_uuid(),
              new_uuid(),
              user->uuid,
              user->tenant,
              user->acl,
              wall_now(),
              0,
              request.remote_address,
              request.header("user-agent")};
  token.expires = token.issued + std::get<std::int64_t>(seconds) * kSecond;
  tokens_[token.id] = token;
  save();
  return flask_json(200, {{"data", token_json(token, false)}});
}

Response AuthService::check_token(const Request& request) {
  const Token* token = find(request.path[2]);
  if (token == nullptr) return auth_error(404, "No such token");
  const auto scope = request.parameter("scope");
  if (scope && !grants(token->acl, *scope)) return auth_error(403, "Unauthorized for " + *scope);
  const auto tenant = request.parameter("tenant");
  if (tenant && !reaches(*token, *tenant))
    return auth_error(403, "Unauthorized for tenant " + *tenant);
  if (request.method == "HEAD") return flask_no_content();
  return flask_json(200, {{"data", token_json(*token, true)}});
}

Response AuthService::delete_token(const std::string& id) {
  if (tokens_.erase(id) > 0) save();
  return flask_json(200, {{"data", {{"message", "success"}}}});
}

Response AuthService::check_scopes(const Request& request) {
  const auto body = parse_json(request.body);
  if (!body) return not_understood();
  if (!body->is_object() || !body->contains("scopes") || !(*body)["scopes"].is_array())
    return auth_error(400, "{'scopes': ['Missing data for required field.']}");
  const Token* token = find(request.path[2]);
  if (token == nullptr) return auth_error(404, "No such token");
  Json scopes = Json::object();
  for (const Json& scope : (*body)["scopes"]) {
    if (!scope.is_string()) return auth_error(400, "{'scopes': {0: ['Not a valid string.']}}");
    scopes[scope.get<std::string>()] = grants(token->acl, scope.get<std::string>());
  }
  return flask_json(200, {{"scopes", scopes}});
}

Response AuthService::list_tenants(const Request& request) const {
  const Token* token = find(request.header("x-auth-token"));
  if (token == nullptr || !grants(token->acl, "auth.tenants.read"))
    return auth_error(401, "Unauthorized");
  const auto reachable = family(token->tenant);
  Json items = Json::array();
  for (const Tenant& tenant : tenants_)
    if (std::ranges::find(reachable, tenant.uuid) != reachable.end())
      items.push_back(tenant_json(tenant));
  const std::size_t total = items.size();
  return flask_json(200, {{"filtered", total}, {"total", total}, {"items", items}});
}

void AuthService::drop_expired() {
  const std::int64_t now = wall_now();
  std::erase_if(tokens_, [=](const auto& entry) { return entry.second.expires <= now; });
}

Json AuthService::state() const {
  Json tenants = Json::array();
  for (const Tenant& tenant : tenants_)
    tenants.push_back({{"uuid", tenant.uuid}, {"parent", tenant.parent}, {"name", tenant.name}});
  Json users = Json::array();
  for (const User& user : users_)
    users.push_back({{"name", user.name},
                     {"password", user.password},
                     {"uuid", user.uuid},
                     {"tenant", user.tenant},
                     {"acl", user.acl}});
  Json tokens = Json::array();
  for (const auto& [id, token] : tokens_)
    tokens.push_back({{"id", id},
                      {"session", token.session},
                      {"user", token.user},
                      {"tenant", token.tenant},
                      {"acl", token.acl},
                      {"issued", token.issued},
                      {"expires", token.expires},
                      {"remote_address", token.remote_address},
                      {"user_agent", token.user_agent}});
  return {{"tenants", tenants}, {"users", users}, {"tokens", tokens}};
}

void AuthService::load() {
  const auto stored = read_json(context_.options.state / "auth.json");
  if (!stored) return;
  tenants_.clear();
  for (const Json& tenant : stored->at("tenants"))
    tenants_.push_back({tenant.at("uuid"), tenant.at("parent"), tenant.at("name")});
  // The operator's name and password come from the command line of this run, all else as it was.
  for (const Json& user : stored->at("users")) {
    if (user.at("uuid") == kOperatorUuid) {
      users_.front().acl = user.at("acl").get<Acl>();
      continue;
    }
    users_.push_back({user.at("name"), user.at("password"), user.at("uuid"), user.at("tenant"),
                      user.at("acl").get<Acl>()});
  }
  for (const Json& token : stored->at("tokens"))
    tokens_[token.at("id")] = {
        token.at("id"),      token.at("session"),        token.at("user"),
        token.at("tenant"),  token.at("acl").get<Acl>(), token.at("issued"),
        token.at("expires"), token.at("remote_address"), token.at("user_agent")};
}

void AuthService::save() {
  ++context_.changes;
  write_file(context_.options.state / "auth.json", state().dump(1) + "\n");
}

}  // namespace tandem::wazo_sim
