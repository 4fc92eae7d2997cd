#include "tests/contracts/exchanges/client_devices.h"

#include <gtest/gtest.h>

#include "tests/run.h"

namespace tandem::exchanges {
namespace {

// "/dev_mgr/synchronize/1", behind the version.
std::string place_of(const Recording& recording) {
  const std::string path = recording.path.substr(0, recording.path.find('?'));
  return path.substr(path.find("/0.2/") + 4);
}

std::string text_in(const Json& object, const char* key) {
  const Json value = object.value(key, Json());
  return value.is_string() ? value.get<std::string>() : "";
}

}  // namespace

std::optional<Error> read_devices(ClientWorld& world, const Recording& recording) {
  const auto got = run(world.devices.devices());
  EXPECT_NE(world.last_request().url.find("recurse=true"), std::string::npos);
  if (!got.ok()) return got.error();
  const Json& recorded = recording.answer.at("devices");
  EXPECT_EQ(got.value().size(), recorded.size());
  for (std::size_t i = 0; i < std::min(got.value().size(), recorded.size()); ++i) {
    const Device& device = got.value()[i];
    EXPECT_EQ(Json(device.id), recorded[i].at("id"));
    EXPECT_EQ(device.mac, text_in(recorded[i], "mac"));
    EXPECT_EQ(device.ip, text_in(recorded[i], "ip"));
    EXPECT_EQ(device.plugin, text_in(recorded[i], "plugin"));
    EXPECT_EQ(device.tenant, text_in(recorded[i], "tenant_uuid"));
  }
  return std::nullopt;
}

std::optional<Error> read_synchronize(ClientWorld& world, const Recording& recording) {
  const Json asked = Json::parse(recording.body, nullptr, false);
  const auto got = run(world.devices.synchronize(
      asked.is_object() && asked.contains("id") ? asked.at("id").get<std::string>() : ""));
  if (!got.ok()) return got.error();
  EXPECT_EQ(Json::parse(world.last_request().body), asked);
  EXPECT_EQ("/0.2" + got.value(), recording.answer_headers.at("location"));
  return std::nullopt;
}

std::optional<Error> read_operation(ClientWorld& world, const Recording& recording) {
  const auto got = run(world.devices.operation(place_of(recording)));
  if (!got.ok()) return got.error();
  const std::string status = recording.answer.at("status");
  const auto expected = status == "fail" ? OperationState::failed : OperationState::success;
  EXPECT_EQ(got.value(), expected) << status;
  return std::nullopt;
}

std::optional<Error> read_operation_deleted(ClientWorld& world, const Recording& recording) {
  const Status got = run(world.devices.forget(place_of(recording)));
  if (!got.ok()) return got.error();
  return std::nullopt;
}

}  // namespace tandem::exchanges
