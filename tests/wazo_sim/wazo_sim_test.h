// A node of its own for each test, asked over HTTP like the real one.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "tests/wazo_sim/http/plain_client.h"
#include "tests/wazo_sim/simulator.h"

namespace tandem::wazo_sim {

inline constexpr const char* kGlobal =
    "/1.1/endpoints/sip/templates/e61d1069-6c5e-4596-be47-320854569810";
inline constexpr const char* kProvdType = "application/vnd.proformatique.provd+json";
inline constexpr const char* kDefault = "/0.2/cfg_mgr/configs/default";

class WazoSimTest : public testing::Test {
 protected:
  WazoSimTest() {
    std::string name = testing::TempDir() + "wazo_sim_XXXXXX";
    directory_ = mkdtemp(name.data());
    start();
  }

  ~WazoSimTest() override {
    node_.reset();
    std::filesystem::remove_all(directory_);
  }

  void start(bool unconfigured = false, bool run_programs = false) {
    node_.reset();
    Options options;
    options.root = directory_ / "root";
    options.state = directory_ / "state";
    options.seed = 7;
    options.unconfigured = unconfigured;
    options.run_programs = run_programs;
    node_ = std::make_unique<Simulator>(options);
  }

  Answer control(const std::string& method, const std::string& path, const std::string& body = "") {
    return ask(node_->port("control"), method, path, {}, body);
  }

  // A new token of the operator, with this ACL if one is given.
  std::string token(const std::string& acl = "") {
    if (!acl.empty()) control("PUT", "/acl", acl);
    return token_of("dGFuZGVtOnRhbmRlbQ==");  // tandem:tandem
  }

  std::string token_of(const std::string& credentials) {
    const auto answer = ask(node_->port("auth"), "POST", "/0.1/token",
                            {{"Authorization", "Basic " + credentials}}, R"({"expiration": 60})");
    return Json::parse(answer.body).at("data").at("token");
  }

  Answer confd(const std::string& method, const std::string& path, const std::string& token,
               const std::string& body = "") {
    return ask(node_->port("confd"), method, path,
               {{"X-Auth-Token", token}, {"Content-Type", "application/json"}}, body);
  }

  Answer provd(const std::string& method, const std::string& path, const std::string& token,
               const std::string& body = "", const std::string& type = kProvdType) {
    return ask(node_->port("provd"), method, path,
               {{"X-Auth-Token", token}, {"Content-Type", type}, {"Accept", kProvdType}}, body);
  }

  Json config_on_disk(const std::string& id) {
    std::ifstream in(directory_ / "root/var/lib/wazo-provd/jsondb/configs" / id);
    return Json::parse(in);
  }

  std::filesystem::path directory_;
  std::unique_ptr<Simulator> node_;
};

}  // namespace tandem::wazo_sim
