// provd's devices and operations in memory, on a FakeHttp: phones that are told, that can not be
// reached, that never answer.
#pragma once

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "tests/fakes/fake_http.h"

namespace tandem::fakes {

class FakePhones {
 public:
  enum class Answer { told, unreachable, never };
  struct Phone {
    std::string tenant = "ce93b40d-199b-4a00-be79-27668baa79b5";
    Answer answer = Answer::told;
    std::string plugin = "test-plugin";
    int looks = 0;  // so many looks at its operation see it in progress
  };

  std::map<std::string, Phone> phones;            // by id
  std::set<std::string> deleted;                  // listed, and gone when it is told
  std::vector<std::string> asked;                 // ids, in order
  std::map<std::string, std::string> operations;  // place: id; until deleted
  bool up = true;
  std::function<void()> on_ask = [] {};

  explicit FakePhones(FakeHttp& http, const std::string& base = "http://127.0.0.1:8666/0.2") {
    http.on("", base + "/dev_mgr/", [this, base](const HttpRequest& request) {
      return answer(request.method, request.url.substr(base.size()), request.body);
    });
  }
  FakePhones(const FakePhones&) = delete;
  FakePhones& operator=(const FakePhones&) = delete;

 private:
  using Json = nlohmann::json;

  static HttpResponse json(const Json& body) {
    HttpResponse response;
    response.status = 200;
    response.headers["Content-Type"] = "application/vnd.proformatique.provd+json";
    response.body = body.dump();
    return response;
  }
  static HttpResponse plain(int status, std::string body) {
    HttpResponse response;
    response.status = status;
    response.body = std::move(body);
    return response;
  }

  Result<HttpResponse> answer(const std::string& method, const std::string& path,
                              const std::string& body) {
    if (!up) return Error{Fault::connection_refused, "provd: nobody listens there"};
    if (path.starts_with("/dev_mgr/devices")) return list();
    if (method == "POST") return synchronize(Json::parse(body).at("id"));
    const auto operation = operations.find(path);
    if (operation == operations.end()) return plain(404, "<html>No Such Resource</html>");
    if (method != "DELETE") return status_of(phones[operation->second]);
    operations.erase(operation);
    return plain(204, "");
  }

  HttpResponse list() const {
    Json all = Json::array();
    for (const auto& [id, phone] : phones) {
      Json one = {{"id", id}, {"mac", "00:11:22:33:44:55"}, {"tenant_uuid", phone.tenant}};
      if (!phone.plugin.empty()) one["plugin"] = phone.plugin;
      all.push_back(std::move(one));
    }
    return json({{"devices", std::move(all)}});
  }

  HttpResponse synchronize(const std::string& id) {
    asked.push_back(id);
    on_ask();
    if (!phones.contains(id) || deleted.contains(id)) return plain(404, "No such resource");
    const std::string place = "/dev_mgr/synchronize/" + std::to_string(++last_);
    operations[place] = id;
    HttpResponse response = plain(201, "");
    response.headers["Location"] = "/0.2" + place;
    return response;
  }

  static HttpResponse status_of(Phone& phone) {
    if (phone.answer == Answer::never || phone.looks-- > 0) return json({{"status", "progress;0"}});
    return json({{"status", phone.answer == Answer::told ? "success" : "fail"}});
  }

  int last_ = 0;
};

}  // namespace tandem::fakes
