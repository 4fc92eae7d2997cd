// The unit that is shipped, held to what the vendor's table asks of it. That it works is shown on a
// real systemd by tests/package.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "pbx/profile.h"

namespace tandem {
namespace {

// The paths of all lines KEY=PATH PATH..., without the "-" before one that may be missing.
std::vector<std::string> paths_of(const std::string& key) {
  std::ifstream unit(TANDEM_SOURCE_DIR "/manifests/systemd/tandem.service");
  std::vector<std::string> paths;
  for (std::string line; std::getline(unit, line);) {
    if (!line.starts_with(key + "=")) continue;
    std::istringstream words(line.substr(key.size() + 1));
    for (std::string word; words >> word;)
      paths.push_back(word.starts_with("-") ? word.substr(1) : word);
  }
  return paths;
}

bool is_below(const std::string& path, const std::vector<std::string>& folders) {
  return std::any_of(folders.begin(), folders.end(), [&path](const std::string& folder) {
    return path == folder || path.starts_with(folder + "/");
  });
}

class UnitFile : public testing::TestWithParam<Product> {
 protected:
  const Profile& profile_ = profile_of(GetParam());
};

INSTANTIATE_TEST_SUITE_P(Products, UnitFile, testing::Values(Product::wazo, Product::xivo));

TEST_P(UnitFile, LetsHomeWhatUsersLeftOnTheSecondary) {
  std::vector<std::string> harvested = profile_.recordings;
  harvested.insert(harvested.end(), profile_.sounds.begin(), profile_.sounds.end());
  harvested.push_back(profile_.voicemail);
  for (const std::string& folder : harvested)
    EXPECT_TRUE(is_below(folder, paths_of("ReadWritePaths"))) << folder;
}

TEST_P(UnitFile, LetsTheFilesOfTheRoleBeReplaced) {
  for (const std::string& path : {profile_.ha_conf, profile_.cron_master, profile_.cron_slave,
                                  profile_.is_primary.value_or(profile_.ha_conf)})
    EXPECT_TRUE(is_below(path, paths_of("ReadWritePaths"))) << path;
}

// Root's home is hidden but for what is named.
TEST_P(UnitFile, ShowsOfRootsHomeWhatIsCopiedAndTheVendorsKey) {
  std::vector<std::string> read = profile_.directories;
  read.push_back(profile_.sync_key);
  for (const std::string& path : read) {
    const bool hidden = path.starts_with("/root/") || path.starts_with("/home/");
    EXPECT_TRUE(!hidden || is_below(path, paths_of("BindReadOnlyPaths"))) << path;
  }
}

}  // namespace
}  // namespace tandem
