#include "core/root_fields.h"

namespace tandem {
namespace {

std::vector<std::vector<std::string>> programs_of(const std::vector<NotifyTarget>& targets) {
  std::vector<std::vector<std::string>> programs;
  for (const NotifyTarget& target : targets)
    if (const auto* const exec = std::get_if<ExecTarget>(&target)) programs.push_back(exec->argv);
  return programs;
}

std::vector<std::string> reading_command(const std::optional<IsdnSwitch>& isdn) {
  return isdn ? isdn->read_command : std::vector<std::string>();
}

}  // namespace

std::vector<std::string> root_differences(const HAPair& accepted, const HAPair& wanted) {
  std::vector<std::string> fields;
  const auto note = [&](bool same, const char* field) {
    if (!same) fields.emplace_back(field);
  };
  note(accepted.hooks == wanted.hooks, "spec.hooks");
  note(programs_of(accepted.notify) == programs_of(wanted.notify), "spec.notify[].exec");
  note(accepted.services.value_or(ServiceLists()) == wanted.services.value_or(ServiceLists()),
       "spec.services");
  note(reading_command(accepted.isdn_switch) == reading_command(wanted.isdn_switch),
       "spec.isdnSwitch.readCommand");
  note(accepted.replication.directories == wanted.replication.directories,
       "spec.replication.files.directories");
  note(accepted.postgres_method == wanted.postgres_method, "spec.postgresAccess.method");
  return fields;
}

}  // namespace tandem
