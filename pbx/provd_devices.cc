#include "pbx/provd_devices.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tandem {
namespace {

constexpr const char* kMediaType = "application/vnd.proformatique.provd+json";
constexpr const char* kSynchronize = "/dev_mgr/synchronize";

std::string version_of(const std::string& base_url) {
  const auto slash = base_url.rfind('/');
  return slash == std::string::npos ? "" : base_url.substr(slash);
}

Result<Device> device_of(const Json& document, std::string_view where) {
  if (!document.is_object()) return unexpected(where, "devices", "each must be an object");
  auto id = required_text(document, "id", where);
  if (!id.ok()) return id.error();
  Device device;
  device.id = std::move(id).value();
  struct Field {
    const char* name;
    std::string Device::*member;
  };
  constexpr Field kFields[] = {{"mac", &Device::mac},
                               {"ip", &Device::ip},
                               {"tenant_uuid", &Device::tenant},
                               {"plugin", &Device::plugin}};
  for (const Field& field : kFields) {
    auto text = optional_text(document, field.name, where);
    if (!text.ok()) return text.error();
    device.*field.member = std::move(text).value();
  }
  return device;
}

Result<std::vector<Device>> devices_in(const std::string& body, std::string_view where) {
  const auto answer = parse_json(body, where);
  if (!answer.ok()) return answer.error();
  const Json& object = answer.value();
  if (!object.is_object() || !object.contains("devices") || !object["devices"].is_array())
    return unexpected(where, "devices", "it must be a list");
  std::vector<Device> devices;
  for (const Json& document : object["devices"]) {
    auto device = device_of(document, where);
    if (!device.ok()) return device.error();
    devices.push_back(std::move(device).value());
  }
  std::sort(devices.begin(), devices.end(),
            [](const Device& a, const Device& b) { return a.id < b.id; });
  return devices;
}

}  // namespace

std::optional<OperationState> operation_state(std::string_view status) {
  status = status.substr(0, status.find('('));
  if (const auto bar = status.rfind('|'); bar != std::string_view::npos)
    status.remove_prefix(bar + 1);
  status = status.substr(0, status.find(';'));
  if (status == "waiting") return OperationState::waiting;
  if (status == "progress") return OperationState::progress;
  if (status == "success") return OperationState::success;
  if (status == "fail") return OperationState::failed;
  return std::nullopt;
}

ProvdDevices::ProvdDevices(Http& http, Auth& auth, std::string base_url)
    : api_(http, auth, Api::Service{"provd", base_url, kMediaType}),
      version_(version_of(base_url)) {}

Task<Result<std::vector<Device>>> ProvdDevices::devices() {
  ApiCall call;
  call.path = fmt::format(
      "/dev_mgr/devices?recurse=true&fields=id,mac,ip,tenant_uuid,plugin&sort=id&limit={}",
      kDevicesMax + 1);
  const std::string where = api_.where(call);
  const auto answer = co_await api_.send(std::move(call));
  if (!answer.ok()) co_return answer.error();
  auto devices = devices_in(answer.value().body, where);
  if (devices.ok() && devices.value().size() > kDevicesMax)
    co_return Error{Fault::too_large, fmt::format("{}: more than {} devices", where, kDevicesMax)};
  co_return devices;
}

Task<Result<std::string>> ProvdDevices::synchronize(std::string id) {
  Json body;
  body["id"] = std::move(id);
  ApiCall call;
  call.method = "POST";
  call.path = kSynchronize;
  call.body = to_text(body);
  const std::string where = api_.where(call);
  const auto answer = co_await api_.send(std::move(call));
  if (!answer.ok()) co_return answer.error();
  const auto location = answer.value().headers.find("Location");
  const std::string place = location == answer.value().headers.end() ? "" : location->second;
  if (!place.starts_with(version_ + kSynchronize + "/"))
    co_return unexpected(where, "Location",
                         fmt::format("it must begin with {}{}/", version_, kSynchronize));
  co_return place.substr(version_.size());
}

Task<Result<OperationState>> ProvdDevices::operation(std::string place) {
  ApiCall call;
  call.path = std::move(place);
  const std::string where = api_.where(call);
  const auto answer = co_await api_.send(std::move(call));
  if (!answer.ok()) co_return answer.error();
  const auto body = parse_json(answer.value().body, where);
  if (!body.ok()) co_return body.error();
  if (!body.value().is_object()) co_return unexpected(where, "status", "it must be a text");
  const auto status = required_text(body.value(), "status", where);
  if (!status.ok()) co_return status.error();
  const auto state = operation_state(status.value());
  if (!state)
    co_return unexpected(where, "status", "it must be waiting, progress, success or fail");
  co_return *state;
}

Task<Status> ProvdDevices::forget(std::string place) {
  ApiCall call;
  call.method = "DELETE";
  call.path = std::move(place);
  const auto answer = co_await api_.send(std::move(call));
  if (answer.ok() || answer.error().fault == Fault::not_found) co_return success();
  co_return answer.error();
}

}  // namespace tandem
