#include "reconciler/spec_keeper.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/digest.h"
#include "core/goal.h"
#include "core/json_text.h"
#include "core/wording.h"
#include "reconciler/accepted_owners.h"

namespace tandem {
namespace {

// Far from overflow, whatever the record says.
constexpr std::uint64_t kGenerationMax = std::uint64_t{1} << 53U;

// What identifies a state of the file: its text, or the error of reading it.
std::string key_of(const Result<std::string>& text) {
  return text.ok() ? "=" + text.value() : "!" + text.error().message;
}

std::string all_lines(const std::vector<SpecProblem>& problems) {
  std::string lines;
  for (const SpecProblem& problem : problems) {
    if (!lines.empty()) lines += '\n';
    lines += to_string(problem);
  }
  return lines;
}

std::string joined(const std::vector<std::string>& parts) {
  return fmt::format("{}", fmt::join(parts, "; "));
}

// What numbers and explains a declaration in force, and says who had which duty.
std::string record_of(const HAPair& pair, std::int64_t generation, const std::string& how) {
  const nlohmann::ordered_json record = {{"formatVersion", 1},
                                         {"generation", generation},
                                         {"how", how},
                                         {"owners", owners_record(pair)}};
  return record.dump() + "\n";
}

}  // namespace

const HAPair* SpecView::wanted() const {
  if (pending) return &*pending;
  return accepted ? &*accepted : nullptr;
}

SpecKeeper::SpecKeeper(Filesystem& disk, std::string pair_path, std::string state_dir,
                       std::string node)
    : disk_(disk),
      pair_path_(std::move(pair_path)),
      state_dir_(std::move(state_dir)),
      node_(std::move(node)) {}

Status SpecKeeper::load() {
  const auto text = disk_.read(accepted_path());
  if (!text.ok() && text.error().fault == Fault::not_found) return success();
  if (!text.ok()) {
    view_.not_kept = text.error();
    return text.error();
  }
  auto parsed = parse_pair(text.value(), accepted_path());
  if (!parsed) {
    view_.not_kept = Error{Fault::invalid, all_lines(parsed.error())};
    return *view_.not_kept;
  }
  const auto record = disk_.read(record_path());
  keep_owners(text.value(), record.ok() ? record.value() : "", *parsed);
  if (record.ok()) {
    const auto json = read_json(record.value());
    if (json.is_object() && json.contains("generation") && json["generation"].is_number_unsigned())
      view_.generation = static_cast<std::int64_t>(
          std::min(json["generation"].get<std::uint64_t>(), kGenerationMax));
    if (json.is_object() && json.contains("how") && json["how"].is_string())
      accepted_how_ = json["how"].get<std::string>();
  }
  accepted_text_ = text.value();
  view_.sha256 = sha256(accepted_text_);
  view_.accepted = std::move(*parsed);
  return success();
}

SpecKeeper::Reading SpecKeeper::read(const Result<std::string>& text) const {
  if (!text.ok()) return {std::nullopt, text.error()};
  auto parsed = parse_pair(text.value(), pair_path_);
  if (!parsed) return {std::nullopt, Error{Fault::invalid, all_lines(parsed.error())}};
  const auto goal = goal_for(*parsed, node_, false);
  if (!goal.ok()) return {std::nullopt, in_context(pair_path_, goal.error())};
  return {std::move(*parsed), std::nullopt};
}

SpecKeeper::Look SpecKeeper::look(Instant now, bool at_once) {
  keep_again();
  const auto text = disk_.read(pair_path_, kSpecBytesMax + 1);
  const std::string key = key_of(text);
  Look result;
  if (judged_ == key) {
    unsettled_.reset();
    return result;
  }
  if (!at_once && unsettled_ != key) {
    unsettled_ = key;
    unsettled_since_ = now;
  }
  if (!at_once && now - unsettled_since_ < kSettle) {
    result.look_again = unsettled_since_ + kSettle;
    return result;
  }
  unsettled_.reset();
  result.accepted = take(key, text);
  result.refused = view_.refused.has_value();
  return result;
}

// What makes the file's declaration wait for its order.
std::vector<std::string> SpecKeeper::structural_of(const HAPair& pair) const {
  if (view_.accepted) return structural_differences(*view_.accepted, pair);
  const auto text = disk_.read(imported_path(state_dir_), kSpecBytesMax);
  const auto imported = text.ok() ? parse_pair(text.value(), imported_path(state_dir_))
                                  : Parsed<HAPair>(tl::unexpected(std::vector<SpecProblem>{}));
  if (!imported) return {"the first declaration on this node"};
  return structural_differences(*imported, pair);
}

// Judges a settled state of the file. True: a new declaration is in force.
bool SpecKeeper::take(const std::string& key, const Result<std::string>& text) {
  judged_ = key;
  Reading reading = read(text);
  view_.refused = std::move(reading.refused);
  view_.pending.reset();
  view_.structural.clear();
  if (!reading.pair) return false;

  view_.structural = structural_of(*reading.pair);
  if (!view_.structural.empty()) {
    view_.pending = std::move(reading.pair);
    pending_text_ = text.value();
    return false;
  }
  if (text.value() == accepted_text_) return false;
  accepted_how_ = view_.accepted ? "an edit of the file" : "tandem import";
  const Status kept = write(text.value(), *reading.pair, view_.generation + 1, accepted_how_);
  accept(std::move(*reading.pair), text.value());
  if (!kept.ok()) view_.not_kept = kept.error();
  return true;
}

void SpecKeeper::preview() {
  const auto text = disk_.read(pair_path_, kSpecBytesMax + 1);
  Reading reading = read(text);
  view_.refused = std::move(reading.refused);
  if (!reading.pair) return;
  view_.structural = structural_of(*reading.pair);
  view_.pending = std::move(reading.pair);
}

Status SpecKeeper::accept_structural(const std::string& reason) {
  if (!view_.pending)
    return Error{Fault::invalid, "no structural change is pending: " + pair_path_ +
                                     " asks for nothing but what is in force"};
  const std::string how = "tandem apply --structural: " + reason;
  const Status kept = write(pending_text_, *view_.pending, view_.generation + 1, how);
  if (!kept.ok())
    return Error{Fault::unavailable,
                 "the order could not be kept, so nothing was changed: " + kept.error().message};
  accepted_how_ = how;
  HAPair pair = std::move(*view_.pending);
  view_.pending.reset();
  view_.structural.clear();
  accept(std::move(pair), pending_text_);
  return success();
}

// What import wrote goes first: without it and the text, the file is a first declaration again.
Status SpecKeeper::forget() {
  for (const std::string& path : {imported_path(state_dir_), accepted_path(), record_path()}) {
    const Status removed = disk_.remove(path);
    if (!removed.ok()) return removed;
  }
  view_ = SpecView{};
  accepted_text_.clear();
  judged_.reset();
  return success();
}

void SpecKeeper::accept(HAPair pair, const std::string& text) {
  view_.accepted = std::move(pair);
  view_.refused.reset();
  view_.not_kept.reset();
  ++view_.generation;
  accepted_text_ = text;
  view_.sha256 = sha256(accepted_text_);
}

// The text comes last: with it the declaration counts.
Status SpecKeeper::write(const std::string& text, const HAPair& pair, std::int64_t generation,
                         const std::string& how) {
  Status kept = disk_.make_directories(state_dir_);
  if (kept.ok()) kept = disk_.replace(record_path(), record_of(pair, generation, how), 0600);
  if (kept.ok()) kept = disk_.replace(accepted_path(), text, 0600);
  return kept;
}

// What is in force is on the disk too, whatever happened to the state directory meanwhile.
void SpecKeeper::keep_again() {
  if (!view_.accepted) return;
  const auto kept = disk_.read(accepted_path()), record = disk_.read(record_path());
  const bool whole = kept.ok() && kept.value() == accepted_text_ && record.ok() &&
                     record.value() == record_of(*view_.accepted, view_.generation, accepted_how_);
  if (!view_.not_kept && whole) return;
  const Status written = write(accepted_text_, *view_.accepted, view_.generation, accepted_how_);
  view_.not_kept.reset();
  if (!written.ok()) view_.not_kept = written.error();
}

std::optional<WallTime> SpecKeeper::accepted_since() const {
  if (!view_.accepted) return std::nullopt;
  const auto status = disk_.status(accepted_path());
  if (!status.ok() || !status.value()) return std::nullopt;
  return status.value()->modified;
}

std::string SpecKeeper::wanted_sha256() const {
  return view_.pending ? sha256(pending_text_) : view_.sha256;
}

std::vector<Condition> spec_conditions(const SpecView& view, const std::string& pair_path) {
  Condition accepted{"SpecAccepted", Truth::yes, "Accepted", "", true};
  const std::string in_force = view.accepted
                                   ? fmt::format("generation {} stays in force", view.generation)
                                   : "no declaration is in force";
  if (view.refused) {
    accepted.status = Truth::no;
    accepted.reason = view.refused->fault == Fault::invalid ? "Invalid" : "Unreadable";
    accepted.message = fmt::format("{}; {}", joined_lines(view.refused->message), in_force);
  } else if (!view.accepted && !view.pending) {
    accepted.status = Truth::unknown;
    accepted.reason = "NotReadYet";
    accepted.message = pair_path + " has not been read yet";
  } else {
    accepted.message = view.pending ? fmt::format("{} is good, and waits; {}", pair_path, in_force)
                                    : fmt::format("generation {} is in force", view.generation);
  }

  Condition pending{"StructuralChangePending", Truth::no, "NonePending",
                    "the file asks for no structural change", false};
  if (view.pending) {
    pending.status = Truth::yes;
    pending.reason = view.accepted ? "WaitsForOrder" : "FirstDeclaration";
    pending.message = fmt::format(
        "{}; look at `tandem plan`, then run: tandem apply --structural "
        "--reason REASON",
        joined(view.structural));
  }
  Condition kept{"SpecKept", Truth::yes, "Kept",
                 "the declaration in force is kept for the next start", true};
  if (view.not_kept) {
    kept.status = Truth::no;
    kept.reason = view.accepted ? "NotKept" : "KeptDamaged";
    kept.message = fmt::format("{}: {}",
                               view.accepted ? "a restart would go back to an older declaration"
                                             : "the declaration kept from before can not be used",
                               view.not_kept->message);
  }
  return {accepted, kept, pending};
}

}  // namespace tandem
