#include "tests/contracts/exchanges/client_prerequisites.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/run.h"

namespace tandem::exchanges {
namespace {

std::string last_part(const Recording& recording) {
  const std::string path = recording.path.substr(0, recording.path.find('?'));
  return path.substr(path.rfind('/') + 1);
}

OptionPairs sorted_pairs(const Json& section) {
  OptionPairs pairs;
  for (const Json& pair : section) pairs.emplace_back(pair[0], pair[1]);
  std::ranges::sort(pairs);
  return pairs;
}

}  // namespace

std::optional<Error> read_tenants(ClientWorld& world, const Recording& recording) {
  const auto got = run(world.auth.tenants());
  if (!got.ok()) return got.error();
  std::vector<Tenant> recorded;
  for (const Json& item : recording.answer.at("items"))
    recorded.push_back({item.at("uuid"), item.at("name")});
  EXPECT_EQ(got.value(), recorded);
  return std::nullopt;
}

// Those of all tenants, whichever query was recorded.
std::optional<Error> read_trunks(ClientWorld& world, const Recording& recording) {
  const auto got = run(world.confd.sip_trunks());
  EXPECT_NE(world.last_request().url.find("recurse=true"), std::string::npos)
      << world.last_request().url;
  if (!got.ok()) return got.error();
  std::vector<Trunk> recorded;
  for (const Json& item : recording.answer.at("items"))
    if (const Json& endpoint = item.at("endpoint_sip"); !endpoint.is_null())
      recorded.push_back({item.at("tenant_uuid"), endpoint.at("uuid"), endpoint.at("label")});
  EXPECT_EQ(got.value(), recorded);
  return std::nullopt;
}

// Always the merged view: what an endpoint inherits counts too.
std::optional<Error> read_registration(ClientWorld& world, const Recording& recording) {
  const auto got = run(world.confd.registration(last_part(recording)));
  EXPECT_TRUE(world.last_request().url.ends_with("?view=merged")) << world.last_request().url;
  if (!got.ok()) return got.error();
  OptionPairs options = got.value();
  std::ranges::sort(options);
  EXPECT_EQ(options, sorted_pairs(recording.answer.at("registration_section_options")));
  return std::nullopt;
}

std::optional<Error> read_installed_plugins(ClientWorld& world, const Recording& recording) {
  const auto got = run(world.provd.installed_plugins());
  if (!got.ok()) return got.error();
  std::vector<std::string> recorded;
  for (const auto& [name, package] : recording.answer.at("pkgs").items()) recorded.push_back(name);
  EXPECT_EQ(got.value(), recorded);
  return std::nullopt;
}

}  // namespace tandem::exchanges
