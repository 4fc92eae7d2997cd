// provd's devices, and what is done with one.
#include "tests/wazo_sim/provd/requests.h"
#include "tests/wazo_sim/provd/service.h"
#include "tests/wazo_sim/vendor_answers.h"

namespace tandem::wazo_sim {

Response ProvdService::devices_collection(const Request& request) {
  if (request.method == "POST") return insert_device(request);
  if (!is_read(request)) return provd_bad_method(request.method);
  if (auto no = not_acceptable(request)) return *no;
  if (auto no = refusal(request, "provd.dev_mgr.devices.read")) return *no;
  return document_list(request, devices_, "devices");
}

Response ProvdService::insert_device(const Request& request) {
  if (auto no = unreadable(request)) return *no;
  if (auto no = refusal(request, "provd.dev_mgr.devices.create")) return *no;
  const Json body = *parse_json(request.body);
  if (!body.is_object() || !body.contains("device") || !body.at("device").is_object())
    return provd_processing_failed();
  Json device = body.at("device");
  if (!device.contains("id")) device["id"] = new_id();
  if (!device.at("id").is_string()) return provd_processing_failed();
  const std::string id = device.at("id");
  if (devices_.find(id) != nullptr || !is_file_name(id)) return provd_text(400, id);
  const std::string tenant = request.header("wazo-tenant");
  device["tenant_uuid"] =
      tenant.empty() ? auth_.find(request.header("x-auth-token"))->tenant : tenant;
  device["configured"] = device.contains("plugin") && device.contains("config");
  device["is_new"] = true;
  put_device(id, device);
  return provd_created("/0.2/dev_mgr/devices/" + id, dump_compact({{"id", id}}));
}

Response ProvdService::delete_device(const Request& request) {
  const std::string& id = request.path[3];
  if (auto no = refusal(request, "provd.dev_mgr.devices." + id + ".delete")) return *no;
  if (devices_.find(id) == nullptr) return provd_text(404, "No such resource");
  remove_device(id);
  return provd_no_content();
}

Response ProvdService::device_item(const Request& request) {
  if (request.method == "DELETE") return delete_device(request);
  if (!is_read(request)) return provd_bad_method(request.method);
  const std::string& id = request.path[3];
  if (auto no = not_acceptable(request)) return *no;
  if (auto no = refusal(request, "provd.dev_mgr.devices." + id + ".read")) return *no;
  const Json* device = devices_.find(id);
  if (device == nullptr) return provd_text(404, "No such resource");
  return provd_json({{"device", *device}});
}

// POST synchronize and reconfigure.
Response ProvdService::device_action(const Request& request) {
  if (request.method != "POST") return provd_bad_method(request.method);
  const std::string& action = request.path[2];
  if (auto no = unreadable(request)) return *no;
  if (auto no = refusal(request, "provd.dev_mgr." + action + ".create")) return *no;
  const auto body = parse_json(request.body);
  if (!body->is_object()) return provd_processing_failed();
  if (!body->contains("id")) return with_length(provd_text(400, "Missing \"id\" key"));
  const Json& id = body->at("id");
  if (!id.is_string() || devices_.find(id) == nullptr) return provd_text(404, "No such resource");
  if (action == "reconfigure") return provd_no_content();
  return provd_created("/0.2/" + synchronize(id), "");
}

// How a synchronisation or the change of a plugin goes.
Response ProvdService::operation(const Request& request) {
  const bool read = is_read(request);
  if (!read && request.method != "DELETE") return provd_bad_method(request.method);
  const std::string place = request.target.substr(std::string("/0.2/").size());
  if (!operations_.knows(place)) return provd_no_such_page();
  if (auto no = refusal(request, read ? "provd.operation.read" : "provd.operation.delete"))
    return *no;
  if (read) return with_length(provd_json({{"status", operations_.ask(place)}}));
  operations_.forget(place);
  return provd_no_content();
}

// Only the plugin of a device knows how to reach it; a phone of "autoprov" has none yet.
std::string ProvdService::synchronize(const std::string& device) {
  const Json* document = devices_.find(device);
  const bool reached = document != nullptr && document->contains("plugin") &&
                       (*document)["plugin"].is_string() &&
                       plugins_.is_installed((*document)["plugin"]);
  ++context_.changes;
  return operations_.start("dev_mgr/synchronize", {reached ? "success" : "fail"});
}

}  // namespace tandem::wazo_sim
