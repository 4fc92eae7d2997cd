#include "app/log.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <syslog.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "app/journal.h"
#include "app/terminal.h"
#include "core/wording.h"

namespace tandem {
namespace {

std::string_view level_name(Log::Level level) {
  switch (level) {
    case Log::Level::debug: return "debug";
    case Log::Level::info: return "info";
    case Log::Level::warning: return "warning";
    case Log::Level::error: return "error";
  }
  std::abort();  // unreachable: -Wswitch keeps the list complete
}

// Of syslog(3), as the journal has it.
int priority_of(Log::Level level) {
  switch (level) {
    case Log::Level::debug: return LOG_DEBUG;
    case Log::Level::info: return LOG_INFO;
    case Log::Level::warning: return LOG_WARNING;
    case Log::Level::error: return LOG_ERR;
  }
  std::abort();  // unreachable: -Wswitch keeps the list complete
}

// Nothing in it ends a line, moves a cursor or turns the text.
std::string without_controls(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8_length(text, at);
    const std::string_view character = text.substr(at, std::max<std::size_t>(length, 1));
    at += character.size();
    if (character == "\n")
      out += "\\n";
    else if (length > 0 && is_shown(character))
      out += character;
    else
      for (const char c : character) out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
  }
  return out;
}

std::string escaped(std::string_view text) {
  const bool plain = !text.empty() && text.find_first_of(" =\"\\") == std::string_view::npos &&
                     without_controls(text) == text;
  if (plain) return std::string(text);
  std::string quoted;
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return '"' + without_controls(quoted) + '"';
}

std::string listed(const std::vector<Change>& changes) {
  std::string text;
  for (const Change& change : changes)
    text += fmt::format("{}{}: {} -> {}", text.empty() ? "" : "; ", change.field, change.from,
                        change.to);
  return text;
}

}  // namespace

std::string format_line(OperatorConfig::LogFormat format, std::string_view time,
                        std::string_view level, std::string_view message,
                        const Log::Fields& fields) {
  if (format == OperatorConfig::LogFormat::json) {
    nlohmann::ordered_json line = {{"time", time}, {"level", level}, {"message", message}};
    for (const auto& [key, value] : fields) line[std::string(key)] = value;
    return shown_json(line, -1);
  }
  std::string line = fmt::format("time={} level={} msg={}", time, level, escaped(message));
  for (const auto& [key, value] : fields) line += fmt::format(" {}={}", key, escaped(value));
  return line;
}

namespace {

std::string time_now() {
  const auto now = std::chrono::system_clock::now();
  const auto millis =
      std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000;
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(now)), millis);
}

// A person who reads the journal sees the message alone, so it has all; who asks by a field has it
// by itself.
std::string entry_of(OperatorConfig::LogFormat format, Log::Level level, std::string_view message,
                     const Log::Fields& fields) {
  std::string text(without_controls(message));
  if (format == OperatorConfig::LogFormat::json)
    text = format_line(format, time_now(), level_name(level), message, fields);
  else
    for (const auto& [key, value] : fields) text += fmt::format(" {}={}", key, escaped(value));
  std::vector<std::pair<std::string, std::string>> own;
  for (const auto& [key, value] : fields) own.emplace_back(key, without_controls(value));
  return journal_entry(priority_of(level), text, own);
}

// What the writer is given: an entry of the journal, or a line.
std::string record_of(bool journal, OperatorConfig::LogFormat format, Log::Level level,
                      std::string_view message, const Log::Fields& fields) {
  if (journal) return entry_of(format, level, message, fields);
  return format_line(format, time_now(), level_name(level), message, fields) + "\n";
}

}  // namespace

Log::Log(Level level, OperatorConfig::LogFormat format, int descriptor)
    : level_(level),
      format_(format),
      journal_(leads_to_journal(descriptor)),
      writer_(
          [journal = journal_, descriptor](const std::string& line) {
            return journal ? send_to_journal(line) : LineWriter::put(descriptor, line);
          },
          [journal = journal_, format](std::uint64_t lost) {
            return record_of(journal, format, Level::warning,
                             "log lines were lost: nobody read them",
                             {{"lines", std::to_string(lost)}});
          }) {}

void Log::write(Level level, std::string_view message, const Fields& fields) {
  if (level >= level_) writer_.write(record_of(journal_, format_, level, message, fields));
}

void Log::reported(const Report& report) {
  if (!report.done.empty())
    write(Level::info, "repaired drift",
          {{"resource", report.resource}, {"changes", listed(report.done)}});
  const auto error = report.error ? report.error->message : "";
  const auto now = fmt::format("{}|{}", outcome_name(report.outcome), error);
  auto& last = last_[report.resource];
  if (last == now) return;
  last = now;
  Fields fields{{"resource", report.resource},
                {"result", std::string(outcome_name(report.outcome))}};
  if (!error.empty()) {
    fields.emplace_back("fault", std::string(fault_name(report.error->fault)));
    fields.emplace_back("error", error);
  }
  if (!report.left.empty()) fields.emplace_back("drift", listed(report.left));
  if (!report.note.empty()) fields.emplace_back("note", report.note);
  if (report.outcome == Outcome::failed)
    write(Level::error, "could not reconcile", fields);
  else
    write(settled(report.outcome) ? Level::info : Level::warning, "looked", fields);
}

void Log::condition_changed(const Condition& condition) {
  // Unknown is what every start begins with; what stays unknown shows in the status and the
  // metrics.
  const bool calm = is_well(condition) || condition.status == Truth::unknown;
  write(calm ? Level::info : Level::warning, "condition",
        {{"type", condition.type},
         {"status", std::string(truth_name(condition.status))},
         {"reason", condition.reason},
         {"message", condition.message}});
}

void Log::spec_rejected(std::string_view message) {
  write(Level::error, "declaration refused", {{"error", std::string(message)}});
}

void Log::spec_accepted(std::string_view how) {
  write(Level::info, "declaration in force", {{"how", std::string(how)}});
}

void Log::state_changed(const Transition& transition) {
  write(is_alarming(transition) ? Level::warning : Level::info, "state",
        {{"from", std::string(state_name(transition.from))},
         {"to", std::string(state_name(transition.to))},
         {"why", transition.why},
         {"epoch", std::to_string(transition.epoch)}});
}

void Log::taken_over(const TakeoverRecord& record) {
  Fields fields{{"epoch", std::to_string(record.epoch)},
                {"cause", std::string(cause_name(record.cause))},
                {"evidence", record.evidence},
                {"result", record.result}};
  if (record.downtime)
    fields.emplace_back("downtime", fmt::format("{}ms", record.downtime->count()));
  write(Level::warning, "takeover", fields);
}

void Log::ordered(const Order& order, const OrderAnswer& answer) {
  write(answer.good() ? Level::info : Level::warning, "order",
        {{"order", std::string(order_name(order.kind))},
         {"id", order.id},
         {"by", order.by},
         {"reason", order.reason},
         {"answer", answer.sentence}});
}

void Log::order_lost(const Order& order, std::string_view why) {
  write(Level::warning, "order failed",
        {{"order", std::string(order_name(order.kind))},
         {"id", order.id},
         {"by", order.by},
         {"reason", order.reason},
         {"why", std::string(why)}});
}

void Log::copied(const CopyTold& told) {
  const auto before = last_copy_.find(told.kind);
  if (before != last_copy_.end() && before->second == told.reason) return;
  last_copy_[told.kind] = told.reason;
  write(told.succeeded() ? Level::info : Level::warning, told.succeeded() ? "copied" : "not copied",
        {{"kind", std::string(copy_kind_name(told.kind))},
         {"result", std::string(copy_result_name(told.result))},
         {"reason", told.reason},
         {"message", told.message}});
}

void Log::divergence_told(const DivergenceTold& told) {
  write(told.warning ? Level::warning : Level::info, "changes made on the secondary",
        {{"reason", told.reason}, {"message", told.message}});
}

void Log::harvested(const HarvestTold& told) {
  write(told.result == HarvestResult::home ? Level::info : Level::warning, "harvest",
        {{"result", harvest_result_name(told.result)},
         {"reason", told.reason},
         {"message", told.message}});
}

void Log::copy_ordered(const CopyOrderTyped& order) {
  for (const CopyKind kind : order.kinds)
    write(order.force || order.confirm_direction ? Level::warning : Level::info, "copy ordered",
          {{"kind", std::string(copy_kind_name(kind))},
           {"by", order.by},
           {"force", order.force.value_or("")},
           {"confirmDirection", order.confirm_direction ? "true" : "false"}});
}

void Log::hook_ran(std::string_view program, bool succeeded) {
  write(succeeded ? Level::info : Level::warning, succeeded ? "hook ran" : "hook failed",
        {{"program", std::string(program)}});
}

void Log::undone(const UndoTold& undo) {
  write(Level::warning, undo.told.succeeded() ? "copy undone" : "copy not undone",
        {{"by", undo.by},
         {"why", undo.reason},
         {"reason", undo.told.reason},
         {"message", undo.told.message}});
}

void Log::notified(const NotifyTold& told) {
  const Fields fields{{"receiver", told.receiver},
                      {"notices", std::to_string(told.notices)},
                      {"message", told.text}};
  switch (told.kind) {
    case NotifyTold::Kind::delivered: return write(Level::info, "notified", fields);
    case NotifyTold::Kind::failed:
      return write(told.is_new ? Level::warning : Level::debug, "not notified", fields);
    case NotifyTold::Kind::dropped:
    case NotifyTold::Kind::removed: return write(Level::warning, "notices given up", fields);
  }
}

}  // namespace tandem
