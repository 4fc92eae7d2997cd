#include "resources/ha_conf.h"

#include <fmt/format.h>

#include <cstdlib>
#include <utility>

#include "pbx/ha_files.h"
#include "pbx/profile.h"
#include "ports/path.h"

namespace tandem {
namespace {

using enum HaConf::Step::Verb;

std::string_view why_node_type(Role role) {
  switch (role) {
    case Role::off: return "spec.enabled is false";
    case Role::primary: return "spec.primary is this node";
    case Role::secondary: return "spec.secondary is this node";
  }
  std::abort();  // unreachable: -Wswitch keeps the list complete
}

std::string_view why_remote_address(Role role) {
  switch (role) {
    case Role::off: return "spec.enabled is false, and then the vendor names no other node";
    case Role::primary: return "spec.secondary.address is the other node's";
    case Role::secondary: return "spec.primary.address is the other node's";
  }
  std::abort();  // unreachable: -Wswitch keeps the list complete
}

Change line(std::string_view field, std::string_view from, std::string_view to,
            std::string_view why) {
  return {std::string(field), std::string(from), std::string(to),
          "nothing",          std::string(why),  Reach::file};
}

HaConfReading reading_of(const HaConf::Observed& seen) {
  if (!seen) return {"absent", "absent", ""};
  if (!seen->content) return {"damaged: too large", "damaged: too large", ""};
  return read_ha_conf(*seen->content);
}

// What the new content changes, field by field; where both fields are right, only the bytes are
// not.
std::vector<Change> content_changes(const HaConf::Desired& want, const HaConf::Observed& seen) {
  const HaConfReading from = reading_of(seen);
  const std::string_view type = node_type(want.role);
  const std::string address = shown_value(want.remote_address);
  std::vector<Change> changes;
  if (from.node_type != type)
    changes.push_back(line("node_type", from.node_type, type, why_node_type(want.role)));
  if (from.remote_address != address)
    changes.push_back(
        line("remote_address", from.remote_address, address, why_remote_address(want.role)));
  if (changes.empty())
    changes.push_back(line("content", from.style, "the vendor's own bytes",
                           "the file is kept byte for byte as the vendor writes it"));
  return changes;
}

std::string_view product_text(Product product) {
  return product == Product::wazo ? "Wazo" : "XiVO";
}

}  // namespace

std::set<std::string> HaConf::watched(const Goal& goal) {
  return {profile_of(goal.product).ha_conf};
}

HaConf::Desired HaConf::desired(const Goal& goal) {
  return {goal.role, profile_of(goal.product).ha_conf,
          goal.role == Role::off ? "" : goal.peer_address};
}

Task<Result<HaConf::Observed>> HaConf::observe(const Goal& goal) {
  const std::string& path = profile_of(goal.product).ha_conf;
  const auto status = files_.status(path);
  if (!status.ok()) co_return status.error();
  if (!status.value()) {
    const std::string folder = parent_folder(path);
    const auto home = files_.status(folder);
    if (!home.ok()) co_return home.error();
    if (!home.value() && goal.role != Role::off)
      co_return Error{
          Fault::not_found,
          fmt::format("the folder {} is missing: {} does not seem to be installed under "
                      "this root; install it, or correct spec.root in operator.yaml",
                      folder, product_text(goal.product))};
    co_return Observed{};
  }

  File file;
  file.mode = status.value()->mode;
  auto content = files_.read(path, kHaFileMax);
  if (content.ok())
    file.content = std::move(content).value();
  else if (content.error().fault != Fault::too_large)
    co_return content.error();
  co_return Observed{std::move(file)};
}

std::vector<HaConf::Step> HaConf::diff(const Desired& want, const Observed& seen) {
  std::vector<Step> steps;
  if (!seen && want.role == Role::off) return steps;
  const std::string content = ha_conf_content(want.role, want.remote_address);
  if (!seen || seen->content != content)
    steps.push_back({write, want.path, content, content_changes(want, seen)});
  if (seen && seen->mode != kHaFileMode)
    steps.push_back({set_mode,
                     want.path,
                     "",
                     {line("mode", mode_text(seen->mode), mode_text(kHaFileMode),
                           "the vendor creates this file with this mode")}});
  return steps;
}

Task<Status> HaConf::apply(const Step& step) {
  switch (step.verb) {
    case write: co_return files_.replace(step.path, step.content, kHaFileMode);
    case set_mode: co_return files_.set_mode(step.path, kHaFileMode);
  }
  std::abort();  // unreachable: -Wswitch keeps the list complete
}

std::vector<Change> describe(const HaConf::Step& step) { return step.changes; }

}  // namespace tandem
