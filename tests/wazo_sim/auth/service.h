// wazo-auth: tokens, tenants and the users that may ask for tokens. State in STATE/auth.json.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/wazo_sim/auth/acl.h"
#include "tests/wazo_sim/context.h"
#include "tests/wazo_sim/http/message.h"
#include "tests/wazo_sim/json_text.h"

namespace tandem::wazo_sim {

// Identities that the recordings show; a fresh node has them, so that recordings can be replayed.
inline constexpr const char* kMasterTenant = "ce93b40d-199b-4a00-be79-27668baa79b5";
inline constexpr const char* kSystemUuid = "08c56466-8f29-45c7-9856-92bf1ba89b92";

class AuthService {
 public:
  struct Tenant {
    std::string uuid;
    std::string parent;
    std::string name;
  };

  struct User {
    std::string name;
    std::string password;
    std::string uuid;
    std::string tenant;
    Acl acl;
  };

  struct Token {
    std::string id;
    std::string session;
    std::string user;  // UUID
    std::string tenant;
    Acl acl;
    std::int64_t issued = 0;  // microseconds since 1970
    std::int64_t expires = 0;
    std::string remote_address;
    std::string user_agent;
  };

  explicit AuthService(Context& context);

  Response handle(const Request& request);

  // What confd and provd ask. Nothing: no such token, or it is expired.
  const Token* find(const std::string& token) const;
  // Whether a tenant is the token's own or a descendant of it.
  bool reaches(const Token& token, const std::string& tenant) const;
  // The tenant and its descendants, in the order of their creation.
  std::vector<std::string> family(const std::string& tenant) const;

  // An administrator's changes.
  std::string add_tenant(const std::string& name, const std::optional<std::string>& uuid);
  void add_user(User user);
  void set_operator_acl(Acl acl);
  void forget_tokens();
  bool knows_tenant(const std::string& uuid) const;

  Json state() const;

 private:
  Response create_token(const Request& request);
  Response check_token(const Request& request);
  Response delete_token(const std::string& id);
  Response check_scopes(const Request& request);
  Response list_tenants(const Request& request) const;
  const User* authenticate(const Request& request) const;
  void drop_expired();
  void load();
  void save();

  Context& context_;
  std::vector<Tenant> tenants_;
  std::vector<User> users_;  // the first is the operator
  std::map<std::string, Token> tokens_;
};

// The body of every handled error of wazo-auth.
Response auth_error(int status, const std::string& reason);

}  // namespace tandem::wazo_sim
