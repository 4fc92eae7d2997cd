#include "tests/wazo_sim/provd/plugins.h"

#include <algorithm>

namespace tandem::wazo_sim {
namespace {

// The catalogue of the recordings.
const Json& catalogue() {
  static const Json kCatalogue = [] {
    const Json plugin = {
        {"capabilities", {{"*, *, *", {{"sip.lines", 0}}}}},
        {"description", "Plugin that has no other purpose than to test provd features."},
        {"version", "1.0"}};
    Json first = plugin;
    first["dsize"] = 1162;
    first["sha1sum"] = "7907575f588f9cdd24070a63db6315c4bbcd2057";
    Json second = plugin;
    second["dsize"] = 1182;
    second["sha1sum"] = "a795a0225e6ed9ccf3dd0a3a324ae600cf26f4a6";
    return Json{{"test-plugin", first}, {"test-plugin-legacy-import", second}};
  }();
  return kCatalogue;
}

}  // namespace

bool ProvdPlugins::is_installed(const std::string& name) const {
  return is_in_catalogue(name) && std::filesystem::is_directory(directory_ / name);
}

bool ProvdPlugins::is_in_catalogue(const std::string& name) const {
  return catalogue().contains(name);
}

void ProvdPlugins::install(const std::string& name) {
  std::filesystem::create_directories(directory_ / name);
}

void ProvdPlugins::uninstall(const std::string& name) {
  std::filesystem::remove_all(directory_ / name);
}

std::vector<std::string> ProvdPlugins::names() const {
  std::vector<std::string> names;
  for (const auto& [name, plugin] : catalogue().items())
    if (is_installed(name)) names.push_back(name);
  return names;
}

Json ProvdPlugins::installed() const {
  Json plugins = Json::object();
  for (const std::string& name : names()) {
    plugins[name] = catalogue().at(name);
    plugins[name].erase("dsize");
    plugins[name].erase("sha1sum");
  }
  return {{"pkgs", plugins}};
}

Json ProvdPlugins::installable() const { return {{"pkgs", catalogue()}}; }

Json ProvdPlugins::loaded() const {
  Json plugins = Json::object();
  for (const std::string& name : names())
    plugins[name] = {
        {"links", Json::array({{{"rel", "pg.plugin"}, {"href", "/0.2/pg_mgr/plugins/" + name}}})}};
  return {{"plugins", plugins}};
}

}  // namespace tandem::wazo_sim
