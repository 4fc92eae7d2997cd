// sysconfd's seven steps: each can be made to fail, and what comes after it is left undone.
#include <gtest/gtest.h>

#include "tests/wazo_sim/wazo_sim_test.h"

namespace tandem::wazo_sim {
namespace {

class WazoSimSysconfdTest : public WazoSimTest {
 protected:
  int update(const std::string& type, const std::string& address) {
    const Json body = {{"node_type", type}, {"remote_address", address}};
    return ask(node_->port("sysconfd"), "POST", "/update_ha_config",
               {{"Content-Type", "application/json"}}, body.dump())
        .status;
  }

  void fail_once_at(const std::string& step) {
    const Json fault = {{"service", "sysconfd"}, {"kind", "step"}, {"step", step}, {"count", 1}};
    EXPECT_EQ(control("POST", "/faults", fault.dump()).status, 201);
  }

  bool has(const std::string& file, const std::string& text) {
    std::ifstream in(directory_ / "root" / file);
    const std::string content{std::istreambuf_iterator<char>(in), {}};
    return content.find(text) != std::string::npos;
  }

  // The steps that a slave's update has done on a node that was master, one letter each.
  std::string done() {
    std::string steps;
    if (has("etc/xivo/ha.conf", "slave\", \"remote_address\": \"10.0.0.1\"}")) steps += 'h';
    if (has("etc/postgresql/15/main/pg_hba.conf", "10.0.0.1/32 trust")) steps += 'p';
    if (has("etc/postgresql/15/main/postgresql.conf", "listen_addresses = '*'")) steps += 'l';
    const auto runs = Json::parse(control("GET", "/journal?method=RUN").body);
    if (!runs.empty() && runs.back().at("status") == 0) steps += 'r';
    if (has("etc/cron.d/xivo-ha-slave", "10.0.0.1")) steps += 'c';
    if (std::filesystem::exists(directory_ / "root/var/lib/wazo/is-secondary")) steps += 's';
    return steps;
  }
};

TEST_F(WazoSimSysconfdTest, StopsAtTheStepThatIsToFail) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"ha_conf", ""},    {"pg_hba", "h"},  {"postgresql_conf", "hp"},
      {"restart", "hpl"}, {"cron", "hplr"}, {"sentinels", "hplrc"}};
  for (const auto& [step, left] : cases) {
    SCOPED_TRACE(step);
    ASSERT_EQ(update("master", "10.0.0.2"), 200);
    control("DELETE", "/journal");
    fail_once_at(step);
    EXPECT_EQ(update("slave", "10.0.0.1"), 500);
    EXPECT_EQ(done(), left);
  }
  EXPECT_EQ(update("slave", "10.0.0.1"), 200) << "each fails once";
  EXPECT_EQ(done(), "hplrcs");
}

TEST_F(WazoSimSysconfdTest, StartsNoServicesOfASlaveThatStaysOne) {
  fail_once_at("slave_services");
  EXPECT_EQ(update("slave", "10.0.0.1"), 200);
  EXPECT_EQ(update("disabled", ""), 500);
  EXPECT_TRUE(std::filesystem::exists(directory_ / "root/var/lib/wazo/is-secondary"));
}

// A script below the node's root, as a lab has it.
void write_program(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path) << "#!/bin/sh\n" << text;
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
}

TEST_F(WazoSimSysconfdTest, RunsTheProgramsOfItsRootOnlyWhereAsked) {
  const auto systemctl = directory_ / "root/usr/bin/systemctl";
  const auto told = directory_ / "told";
  write_program(systemctl, "echo \"$*\" >" + told.string() + "; exit 1\n");
  EXPECT_EQ(update("slave", "10.0.0.1"), 200);
  EXPECT_FALSE(std::filesystem::exists(told));

  start(false, true);
  EXPECT_EQ(update("slave", "10.0.0.1"), 500) << "the program ends with 1";
  std::string line;
  std::getline(std::ifstream(told) >> std::ws, line);
  EXPECT_EQ(line, "restart postgresql.service");
  write_program(systemctl, "exit 0\n");
  EXPECT_EQ(update("slave", "10.0.0.1"), 200);
}

TEST_F(WazoSimSysconfdTest, KnowsNoOtherSteps) {
  EXPECT_EQ(control("POST", "/faults", R"({"service": "sysconfd", "kind": "step"})").status, 400);
  EXPECT_EQ(
      control("POST", "/faults", R"({"service": "confd", "kind": "step", "step": "cron"})").status,
      400);
}

TEST_F(WazoSimSysconfdTest, IsAskedByConfdLastOfAll) {
  const std::string mine = token();
  control("POST", "/faults", R"({"service": "sysconfd", "kind": "status", "status": 500})");
  EXPECT_EQ(
      confd("PUT", "/1.1/ha", mine, R"({"node_type": "master", "remote_address": "10.0.0.2"})")
          .status,
      500);
  EXPECT_EQ(config_on_disk("default").at("registrar_backup"), "10.0.0.2");
  EXPECT_EQ(config_on_disk("autoprov")["raw_config"]["sip_lines"]["1"]["backup_proxy_ip"],
            "10.0.0.2");
  EXPECT_FALSE(std::filesystem::exists(directory_ / "root/etc/xivo/ha.conf"));
}

}  // namespace
}  // namespace tandem::wazo_sim
