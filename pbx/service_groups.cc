#include "pbx/service_groups.h"

#include <algorithm>
#include <charconv>
#include <sstream>

#include "pbx/profile.h"

namespace tandem {
namespace {

using Names = std::vector<std::string>;

std::vector<std::string> words_of(const std::string& command_line) {
  std::istringstream text(command_line);
  Names words;
  for (std::string word; text >> word;) words.push_back(word);
  return words;
}

Names units(const std::string& prefix, std::initializer_list<const char*> names) {
  Names all;
  for (const std::string name : names) {
    const bool own =
        name == "asterisk" || name == "nginx" || name == "postgresql" || name == "rabbitmq-server";
    all.push_back((own ? name : prefix + name) + ".service");
  }
  return all;
}

ServiceGroups commands(Product product) {
  const Profile& profile = profile_of(product);
  ServiceGroups groups;
  groups.sip = "asterisk.service";
  groups.guard = "monit.service";
  groups.serve = words_of(profile.serve_command);
  groups.stand_by = words_of(profile.stand_by_command);
  groups.enable = {profile.services_program, "enable"};
  groups.start = {profile.services_program, "start"};
  groups.programs = {groups.serve.front(), profile.services_program};
  return groups;
}

ServiceGroups wazo() {
  ServiceGroups groups = commands(Product::wazo);
  groups.telephony = units("wazo-", {"dxtora", "provd", "agid", "asterisk", "amid", "call-logd",
                                     "agentd", "phoned", "calld", "websocketd"});
  groups.standing = units("wazo-", {"rabbitmq-server", "postgresql", "nginx", "plugind", "webhookd",
                                    "sysconfd", "confgend", "confd", "auth", "dird", "chatd"});
  groups.essential = units("wazo-", {"agid", "asterisk"});
  groups.regenerate = {"/usr/bin/wazo-confgen", "asterisk/pjsip.conf", "--invalidate"};
  return groups;
}

// XiVO's own groups could not be read: these are the services that its documentation names.
ServiceGroups xivo() {
  ServiceGroups groups = commands(Product::xivo);
  groups.verified = false;
  groups.telephony =
      units("xivo-", {"dxtora", "provd", "agid", "asterisk", "amid", "call-logd", "agentd"});
  groups.standing = units(
      "xivo-", {"rabbitmq-server", "postgresql", "nginx", "sysconfd", "confgend", "confd", "auth"});
  groups.essential = units("xivo-", {"agid", "asterisk"});
  return groups;
}

bool contains(const Names& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void replace_where_given(Names& list, const Names& declared) {
  if (!declared.empty()) list = declared;
}

}  // namespace

ServiceGroups service_groups(const Goal& goal) {
  ServiceGroups groups = goal.product == Product::wazo ? wazo() : xivo();
  if (!goal.services) return groups;
  if (!goal.services->units.empty()) {
    // Of what must be active where the node serves, only what does not run anyway is telephony.
    groups.telephony.clear();
    for (const std::string& unit : goal.services->units)
      if (!contains(groups.standing, unit)) groups.telephony.push_back(unit);
    std::erase_if(groups.essential,
                  [&](const std::string& unit) { return !contains(groups.telephony, unit); });
    groups.verified = true;
  }
  replace_where_given(groups.essential, goal.services->essential);
  replace_where_given(groups.serve, goal.services->activate);
  replace_where_given(groups.stand_by, goal.services->deactivate);
  return groups;
}

std::vector<std::string> start_unit(const std::string& unit) {
  return {"/usr/bin/systemctl", "start", unit};
}

std::vector<std::string> restart_unit(const std::string& unit) {
  return {"/usr/bin/systemctl", "restart", unit};
}

std::vector<std::string> count_channels() {
  return {"/usr/sbin/asterisk", "-rx", "core show channels count"};
}

// "3 active channels", the first line of three.
std::optional<int> channels_of(std::string_view printed) {
  int count = 0;
  const auto [end, error] = std::from_chars(printed.data(), printed.data() + printed.size(), count);
  const std::string_view rest(end, static_cast<std::size_t>(printed.data() + printed.size() - end));
  if (error != std::errc{} || count < 0 || !rest.starts_with(" active channel"))
    return std::nullopt;
  return count;
}

bool is_declared(const Goal& goal, const std::vector<std::string>& argv) {
  return goal.services && (argv == goal.services->activate || argv == goal.services->deactivate);
}

}  // namespace tandem
