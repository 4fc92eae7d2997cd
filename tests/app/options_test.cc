#include "app/options.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace tandem {
namespace {

class OptionsTest : public testing::Test {
 protected:
  OptionsTest() {
    std::string folder = testing::TempDir() + "tandem-options-XXXXXX";
    path_ = std::string(mkdtemp(folder.data())) + "/operator.yaml";
  }
  ~OptionsTest() override {
    std::filesystem::remove_all(std::filesystem::path(path_).parent_path());
  }

  Options with_file(const std::string& spec) {
    std::ofstream(path_) << "apiVersion: tandem.ha/v1alpha1\nkind: OperatorConfig\nspec:\n" << spec;
    Options options;
    options.operator_file = path_;
    return options;
  }

  std::string path_;
};

TEST_F(OptionsTest, AnOverrideWinsOverTheFile) {
  auto options = with_file("  node: pbx-a\n  listen: 127.0.0.1:1000\n");
  options.listen = "127.0.0.1:2000";
  const auto config = load_config(options);
  ASSERT_TRUE(config.ok()) << config.error().message;
  EXPECT_EQ(config.value().node, "pbx-a");
  EXPECT_EQ(config.value().listen, "127.0.0.1:2000");
}

TEST_F(OptionsTest, AnOverrideKeepsTheRulesOfTheFile) {
  auto options = with_file("  node: pbx-a\n");
  options.listen = "somewhere";
  const auto config = load_config(options);
  ASSERT_FALSE(config.ok());
  EXPECT_NE(config.error().message.find("spec.listen"), std::string::npos);
  EXPECT_NE(config.error().message.find("command line"), std::string::npos);
}

TEST_F(OptionsTest, TheNodeIsTheHostWhereNothingElseIsSaid) {
  const auto config = load_config(with_file("  listen: 127.0.0.1:1000\n"));
  ASSERT_TRUE(config.ok()) << config.error().message;
  EXPECT_FALSE(config.value().node.empty());
}

TEST_F(OptionsTest, AFileThatWasNamedMustExist) {
  Options options;
  options.operator_file = path_ + ".no";
  const auto config = load_config(options);
  ASSERT_FALSE(config.ok());
  EXPECT_NE(config.error().message.find(path_ + ".no"), std::string::npos);
}

TEST_F(OptionsTest, ARelativePathIsFromWhereItIsTyped) {
  const std::string here = std::filesystem::current_path();
  const std::string above = std::filesystem::current_path().parent_path();
  auto options = with_file("  node: pbx-a\n");
  options.pair = "./pair.yaml";
  options.root = "../root/";
  options.state_dir = "state/./a/..";
  const auto config = load_config(options);
  ASSERT_TRUE(config.ok()) << config.error().message;
  EXPECT_EQ(config.value().pair, here + "/pair.yaml");
  EXPECT_EQ(config.value().root, (above == "/" ? "" : above) + "/root");
  EXPECT_EQ(config.value().state_dir, here + "/state");
  options.root = "/";
  EXPECT_EQ(load_config(options).value().root, "/");
}

TEST_F(OptionsTest, AFolderIsNoOperatorFile) {
  Options options;
  options.operator_file = std::filesystem::path(path_).parent_path();
  const auto config = load_config(options);
  ASSERT_FALSE(config.ok());
  EXPECT_NE(config.error().message.find("is a directory"), std::string::npos);
}

TEST_F(OptionsTest, TellsEveryProblemOfTheFileWithItsPlace) {
  const auto config = load_config(with_file("  listen: nowhere\n  rooot: /\n"));
  ASSERT_FALSE(config.ok());
  EXPECT_NE(config.error().message.find("operator.yaml:4:"), std::string::npos);
  EXPECT_NE(config.error().message.find("operator.yaml:5:"), std::string::npos);
}

}  // namespace
}  // namespace tandem
