// What provd is asked about its plugins.
#include "tests/wazo_sim/provd/requests.h"
#include "tests/wazo_sim/provd/service.h"
#include "tests/wazo_sim/vendor_answers.h"

namespace tandem::wazo_sim {

Response ProvdService::plugins(const Request& request) {
  const auto& path = request.path;
  const bool install = path.size() >= 4 && path[2] == "install";
  if (install && path.size() == 5) return operation(request);
  const std::string what = install ? path[3] : path.size() == 3 ? path[2] : "";
  if (what == "installed")
    return plugin_list(request, "provd.pg_mgr.install.installed.read", plugins_.installed());
  if (what == "installable")
    return plugin_list(request, "provd.pg_mgr.install.installable.read", plugins_.installable());
  if (what == "plugins")
    return plugin_list(request, "provd.pg_mgr.plugins.read", plugins_.loaded());
  const bool change = what == "install" || what == "uninstall" || what == "update";
  return change && install ? change_plugins(request, what) : provd_no_such_page();
}

Response ProvdService::plugin_list(const Request& request, const std::string& acl,
                                   const Json& list) const {
  if (!is_read(request)) return provd_bad_method(request.method);
  if (auto no = not_acceptable(request)) return *no;
  if (auto no = refusal(request, acl)) return *no;
  return with_length(provd_json(list));
}

// `update` fetches the catalogue anew. The first who asks how that goes finds it at work.
Response ProvdService::change_plugins(const Request& request, const std::string& what) {
  if (request.method != "POST") return provd_bad_method(request.method);
  if (auto no = unreadable(request)) return *no;
  if (auto no = refusal(request, "provd.pg_mgr.install." + what + ".create")) return *no;
  const Json body = *parse_json(request.body);
  if (!body.is_object()) return provd_processing_failed();
  if (what == "update")
    return provd_created("/0.2/" + operations_.start("pg_mgr/install/update",
                                                     {"update|progress;0", "update|success;541"}),
                         "");
  if (!body.contains("id") || !body.at("id").is_string())
    return with_length(provd_text(400, "Missing \"id\" key"));
  const std::string name = body.at("id");
  ++context_.changes;
  if (what == "install") {
    if (!plugins_.is_in_catalogue(name)) return with_length(provd_text(400, python_repr(name)));
    plugins_.install(name);
    return provd_created(
        "/0.2/" + operations_.start("pg_mgr/install/install",
                                    {"install|success(download|success;1162/1162)"}),
        "");
  }
  if (!plugins_.is_installed(name)) return provd_text(400, "plugin not found");
  plugins_.uninstall(name);
  return provd_no_content();
}

}  // namespace tandem::wazo_sim
