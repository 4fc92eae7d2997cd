#include "app/support_bundle.h"

#include <gmock/gmock.h>

#include "ports/real_process.h"
#include "ports/tar_gz.h"
#include "tests/fakes/fake_clock.h"
#include "tests/ports/temporary_folder.h"

namespace tandem {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

class SupportBundleTest : public testing::Test {
 protected:
  // As tar(1) reads it.
  std::string unpacked(const std::string& archive, const std::string& name) {
    write_to(folder / "b.tar.gz", archive);
    RealProcess programs;
    const auto text =
        output_of(programs, {"/bin/tar", "-xzOf", folder / "b.tar.gz", "bundle/" + name}, 30s);
    return text.ok() ? text.value() : "FAILED " + text.error().message;
  }

  TemporaryFolder folder{base_in_memory()};
  fakes::FakeClock clock;
  SupportBundle bundle{clock, "bundle", "pbx-a"};
};

TEST_F(SupportBundleTest, HoldsWhatCouldBeHadAndSaysWhatCouldNot) {
  Scrubber scrubber;
  scrubber.add("the-token-of-orders");
  const auto packed = bundle.pack(
      {{"api/a.txt", "one", [] { return Result<std::string>("x the-token-of-orders y"); }},
       {"b.txt", "two",
        []() -> Result<std::string> {
          return Error{Fault::unavailable, "no the-token-of-orders here"};
        }}},
      scrubber);
  ASSERT_TRUE(packed.ok());
  EXPECT_EQ(unpacked(packed.value(), "api/a.txt"), "x (not shown) y");
  const auto manifest =
      nlohmann::json::parse(unpacked(packed.value(), "manifest.json"), nullptr, false);
  EXPECT_EQ(manifest["node"], "pbx-a");
  EXPECT_EQ(manifest["files"][0]["bytes"], 15);
  EXPECT_EQ(manifest["files"][1]["missing"], "no (not shown) here");
  EXPECT_THAT(bundle.missing(), ElementsAre("b.txt: no (not shown) here"));
}

TEST_F(SupportBundleTest, WhatAPartThrowsCostsThatPartAlone) {
  const auto packed = bundle.pack(
      {{"a.txt", "one",
        []() -> Result<std::string> { throw std::runtime_error("temp_directory_path"); }},
       {"b.txt", "two", [] { return Result<std::string>("there"); }}},
      Scrubber());
  ASSERT_TRUE(packed.ok());
  EXPECT_EQ(unpacked(packed.value(), "b.txt"), "there");
  EXPECT_THAT(bundle.missing(), ElementsAre("a.txt: temp_directory_path"));
}

TEST_F(SupportBundleTest, KeepsTheEndOfWhatIsTooLongWithNoHalfSecret) {
  Scrubber scrubber;
  scrubber.add("0123456789abcdef");
  std::string text = std::string(100, 'x') + "0123456789abcdef";
  text += std::string(SupportBundle::kPartMax - 8, 'y');
  const auto packed = bundle.pack({{"a", "", [&] { return Result<std::string>(text); }}}, scrubber);
  const std::string kept = unpacked(packed.value(), "a");
  EXPECT_EQ(kept.size(), SupportBundle::kPartMax);
  EXPECT_EQ(kept.find("abcdef"), std::string::npos);
}

TEST_F(SupportBundleTest, BeginsNothingOnceItsTimeIsOver) {
  int made = 0;
  const auto slow = [&] {
    ++made;
    clock.advance(1min);
    return Result<std::string>("x");
  };
  std::vector<BundlePart> parts;
  for (int i = 0; i < 10; ++i) parts.push_back({std::to_string(i), "", slow});
  ASSERT_TRUE(bundle.pack(parts, Scrubber()).ok());
  EXPECT_EQ(made, 4);
  EXPECT_EQ(bundle.missing().size(), 6U);
}

TEST_F(SupportBundleTest, IsBoundedAsAWhole) {
  const std::string text(SupportBundle::kPartMax, 'x');
  std::vector<BundlePart> parts;
  for (int i = 0; i < 17; ++i)
    parts.push_back({std::to_string(i), "", [&] { return Result<std::string>(text); }});
  const auto packed = bundle.pack(parts, Scrubber());
  ASSERT_TRUE(packed.ok());
  EXPECT_EQ(unpacked(packed.value(), "15").size(), SupportBundle::kPartMax);
  EXPECT_EQ(unpacked(packed.value(), "16"), "");
}

TEST_F(SupportBundleTest, ProgramsAreBoundedInTime) {
  RealProcess programs;
  EXPECT_EQ(output_of(programs, {"/bin/sleep", "100"}, 50ms).error().fault, Fault::timed_out);
  EXPECT_EQ(output_of(programs, {"/nowhere/to/be/found"}, 1s).error().fault, Fault::not_found);
  const auto failed = output_of(programs, {"/bin/ls", "/nowhere"}, 10s);
  ASSERT_FALSE(failed.ok());
  EXPECT_THAT(failed.error().message, HasSubstr("/nowhere"));
}

TEST_F(SupportBundleTest, WritesAFileForItsOwnerAloneAndOverNoOther) {
  const std::string path = folder / "out";
  ASSERT_TRUE(write_private_file(path, "x").ok());
  EXPECT_EQ(mode_of(path), 0600U);
  EXPECT_FALSE(write_private_file(path, "y").ok());
  EXPECT_EQ(symlink((folder / "target").c_str(), (folder / "link").c_str()), 0);
  EXPECT_FALSE(write_private_file(folder / "link", "y").ok());
}

TEST(TarGz, TakesNoNameThatLeavesItsFolder) {
  TarGz archive;
  const WallTime now{};
  for (const std::string& name :
       {std::string(), std::string("/etc/passwd"), std::string("a/../b"), std::string(100, 'x')})
    EXPECT_FALSE(archive.add(name, "x", now).ok()) << name;
  EXPECT_TRUE(archive.add(std::string(99, 'x'), "x", now).ok());
}

}  // namespace
}  // namespace tandem
