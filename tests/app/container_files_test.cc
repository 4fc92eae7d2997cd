// The container of a node as it is shipped: held to what the vendor's table asks of it, and to one
// list of rights wherever that is written down. That it works is shown with a real engine by
// scripts/test-container.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "pbx/profile.h"

namespace tandem {
namespace {

using Names = std::set<std::string>;

std::string text_of(const std::string& file) {
  std::ifstream in(TANDEM_SOURCE_DIR "/" + file);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct Mounts {
  Names all;  // SOURCE:TARGET[:ro]
  Names writable;
  Names readable;  // the writable ones too
};

void add_mount(const std::string& mount, Mounts& mounts) {
  const std::string source = mount.substr(0, mount.find(':'));
  mounts.all.insert(mount);
  mounts.readable.insert(source);
  if (!mount.ends_with(":ro")) mounts.writable.insert(source);
}

// As the file's head says: on XiVO the lines marked "wazo" go, and those marked "xivo" come.
Mounts mounts_of(Product product) {
  static const std::regex kLine("^(#?) +- (/[^ ]+:/[^ ]+)(?: +# ?(.*))?$");
  std::istringstream lines(text_of("manifests/compose.node.yaml"));
  Mounts mounts;
  for (std::string line; std::getline(lines, line);) {
    std::smatch found;
    if (!std::regex_match(line, found, kLine)) continue;
    const bool xivo = found[3] == "xivo";
    EXPECT_EQ(found[1] == "#", xivo) << line;
    if (product == Product::wazo ? xivo : found[3] == "wazo") continue;
    add_mount(found[2], mounts);
  }
  return mounts;
}

bool is_below(const std::string& path, const Names& folders) {
  return std::any_of(folders.begin(), folders.end(), [&path](const std::string& folder) {
    return path == folder || path.starts_with(folder + "/");
  });
}

// All that `pattern` finds in a text, by its first group.
Names found_in(const std::string& text, const std::string& pattern) {
  const std::regex wanted(pattern);
  Names names;
  for (std::sregex_iterator at(text.begin(), text.end(), wanted), end; at != end; ++at)
    names.insert((*at)[1]);
  return names;
}

std::string run_line() {
  const std::string text = text_of("docs/container.md");
  const auto begin = text.find("docker run -d --name tandem ");
  return text.substr(begin, text.find("```", begin) - begin);
}

class NodeContainer : public testing::TestWithParam<Product> {
 protected:
  const Profile& profile_ = profile_of(GetParam());
  const Mounts mounts_ = mounts_of(GetParam());
};

INSTANTIATE_TEST_SUITE_P(Products, NodeContainer, testing::Values(Product::wazo, Product::xivo));

TEST_P(NodeContainer, LetsTheFilesOfTheRoleBeReplaced) {
  for (const std::string& path : {profile_.ha_conf, profile_.cron_master, profile_.cron_slave,
                                  profile_.is_primary.value_or(profile_.ha_conf),
                                  profile_.is_secondary.value_or(profile_.ha_conf)})
    EXPECT_TRUE(is_below(path, mounts_.writable)) << path;
}

// On the secondary the copy is taken in through the container, hence writable.
TEST_P(NodeContainer, TakesInWhatIsCopied) {
  std::vector<std::string> copied = profile_.directories;
  if (profile_.tenant_sounds) copied.push_back(*profile_.tenant_sounds);
  copied.push_back(profile_.voicemail);
  for (const std::string& path : copied) EXPECT_TRUE(is_below(path, mounts_.writable)) << path;
}

TEST_P(NodeContainer, LetsHomeWhatUsersLeftOnTheSecondary) {
  std::vector<std::string> harvested = profile_.recordings;
  harvested.insert(harvested.end(), profile_.sounds.begin(), profile_.sounds.end());
  harvested.push_back(profile_.voicemail);
  for (const std::string& path : harvested) EXPECT_TRUE(is_below(path, mounts_.writable)) << path;
}

TEST_P(NodeContainer, SeesWhatItLooksAt) {
  std::vector<std::string> seen = {profile_.sync_key,
                                   profile_.standby_marker,
                                   profile_.provd_configs,
                                   profile_.provd_plugins,
                                   profile_.version_file,
                                   "/etc/machine-id",
                                   "/run/dbus"};
  for (const std::string& path : seen) EXPECT_TRUE(is_below(path, mounts_.readable)) << path;
}

TEST_P(NodeContainer, WritesTheContactCentresFiles) {
  if (!profile_.contact_centre) return;
  for (const std::string& path :
       {profile_.contact_centre->env_file, profile_.contact_centre->log_folder,
        profile_.contact_centre->marker})
    EXPECT_TRUE(is_below(path, mounts_.writable)) << path;
}

TEST(NodeContainerFiles, HasTheSameFoldersInTheLineWithoutCompose) {
  EXPECT_EQ(found_in(run_line(), "-v (/[^ ]+)"), mounts_of(Product::wazo).all);
}

TEST(NodeContainerFiles, HasEachCapabilityInEachPlaceAndAReason) {
  const std::string compose = text_of("manifests/compose.node.yaml");
  const Names listed = found_in(compose, "cap_add: \\[([^\\]]*)\\]");
  ASSERT_EQ(listed.size(), 1U);
  const Names capabilities = found_in(*listed.begin(), "([A-Z_]+)");
  EXPECT_FALSE(capabilities.empty());
  EXPECT_EQ(found_in(run_line(), "--cap-add ([A-Z_]+)"), capabilities);
  EXPECT_EQ(found_in(text_of("docs/container.md"), "\n\\| `([A-Z_]+)` \\| [^|\n]+ \\| [^|\n]+ \\|"),
            capabilities);
  // The unit's are these, and what runuser needs where it is a child of the operator.
  Names units =
      found_in(text_of("manifests/systemd/tandem.service"), "CapabilityBoundingSet=(.*)\n");
  ASSERT_EQ(units.size(), 1U);
  units = found_in(*units.begin(), "CAP_([A-Z_]+)");
  for (const char* only : {"SETUID", "SETGID", "AUDIT_WRITE"}) EXPECT_EQ(units.erase(only), 1U);
  EXPECT_EQ(units, capabilities);
}

TEST(NodeContainerFiles, IsRunWithTheSameOptionsWithoutCompose) {
  const std::string compose = text_of("manifests/compose.node.yaml");
  const std::string line = run_line();
  struct {
    const char* yaml;
    const char* flag;
  } const kSame[] = {
      {"network_mode: host", "--network host"},
      {"pid: host", "--pid host"},
      {"read_only: true", "--read-only"},
      {"tmpfs: [\"/tmp:size=16m,mode=0700,noexec\"]", "--tmpfs /tmp:size=16m,mode=0700,noexec"},
      {"cap_drop: [ALL]", "--cap-drop ALL"},
      {"security_opt: [no-new-privileges]", "--security-opt no-new-privileges"},
      {"restart: unless-stopped", "--restart unless-stopped"},
      {"stop_grace_period: 30s", "--stop-timeout 30"},
      {"mem_limit: 256m", "--memory 256m"},
      {"pids_limit: 128", "--pids-limit 128"}};
  for (const auto& [yaml, flag] : kSame) {
    EXPECT_NE(compose.find(yaml), std::string::npos) << yaml;
    EXPECT_NE(line.find(flag), std::string::npos) << flag;
  }
}

}  // namespace
}  // namespace tandem
