#include "app/commands/copy_screen.h"

#include <fmt/format.h>

#include "app/commands/copy_rows.h"
#include "app/terminal.h"

namespace tandem {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr int kNameWidth = 10;

std::string line_of(const std::string& kind, const std::string& text) {
  return printable(fmt::format("{:<{}}{}", kind, kNameWidth, text));
}

// The first `columns` characters: a line that is broken could not be written over.
std::string cut(const std::string& text, std::size_t columns) {
  std::size_t characters = 0, at = 0;
  for (; at < text.size(); ++at) {
    const bool starts = (static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U;
    if (starts && characters++ == columns) break;
  }
  return text.substr(0, at);
}

std::string string_of(const OrderedJson& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : "";
}

bool was_cancelled(const CopyEnding& ending) {
  if (ending.how == CopyEnding::How::not_begun) return true;
  if (ending.how != CopyEnding::How::ended || !ending.last.is_object()) return false;
  const auto reason = string_of(ending.last, "reason");
  return reason == "Cancelled" || reason == "Aborted";
}

std::string work_of(const std::string& kind) {
  return kind == "undo" ? kind : "copy of the " + kind;
}

std::string left_as_it_was(const std::string& kind, const CopyEnding& ending) {
  if (ending.how == CopyEnding::How::not_begun)
    return "cancelled before it began: nothing was changed";
  if (kind == "undo") return "cancelled: the secondary's database is as it was before";
  if (kind == "database") return "cancelled: the secondary's database is as it was before this run";
  return "cancelled: files that were copied stay, each of them whole; the others are as they were";
}

}  // namespace

std::string CopyPace::take(const OrderedJson& meter, Instant now) {
  const auto done = meter.value("done", std::uint64_t{0}),
             total = meter.value("total", std::uint64_t{0});
  const auto phase = string_of(meter, "phase");
  const bool anew = !begun_ || done < latest_ || (phase != phase_ && latest_ == 0);
  phase_ = phase;
  latest_ = done;
  if (anew) {
    begun_ = true;
    first_ = done;
    since_ = now;
  }
  const std::chrono::duration<double> span = now - since_;
  if (span < kSpanMin || done == first_) return "";
  const double rate = static_cast<double>(done - first_) / span.count();
  const auto whole = static_cast<std::uint64_t>(rate);
  std::string text = string_of(meter, "unit") == "bytes" ? ", " + bytes_text(whole) + "/s"
                                                         : ", " + short_count(whole) + "/s";
  if (total > done)
    text += fmt::format(", {} to go",
                        age(static_cast<long long>(static_cast<double>(total - done) / rate)));
  return text;
}

std::string CopyScreen::text_of(const OrderedJson& kind, std::uint64_t number, Line& line,
                                Instant now) const {
  if (copy_has_ended(kind, number)) {
    const auto last = kind.value("last", OrderedJson());
    return last.is_object() ? string_of(last, "result") : "ended";
  }
  if (!kind.value("running", false)) return "waits";
  const auto meter = kind.value("progress", OrderedJson());
  std::string text = meter.is_object() ? meter_text(meter, line.pace.take(meter, now)) : "begins";
  const auto run = kind.value("run", std::uint64_t{0});
  return run < number ? "waits for the copy under way: " + text : text;
}

std::string CopyScreen::show(const OrderedJson& replication, const CopyRuns& runs, Instant now) {
  std::string out;
  if (columns_ > 0) out = wipe();
  for (const auto& [name, number] : runs) {
    const auto kind = replication.is_object() ? replication.find(name) : replication.end();
    if (kind == replication.end()) continue;
    Line& line = lines_[name];
    const std::string text = text_of(*kind, number, line, now);
    if (columns_ > 0) {
      out += cut(line_of(name, text), columns_ - 1) + "\n";
      ++drawn_;
      continue;
    }
    const auto meter = kind->value("progress", OrderedJson());
    if (!meter.is_object() || copy_has_ended(*kind, number)) continue;
    const std::string key =
        fmt::format("{} {}", string_of(meter, "phase"), meter.value("partsDone", std::uint64_t{0}));
    if (key == line.told || (line.at && now - *line.at < kLineEvery)) continue;
    line.told = key;
    line.at = now;
    out += line_of(name, text) + "\n";
  }
  return out;
}

std::string CopyScreen::wipe() {
  if (drawn_ == 0) return "";
  std::string out = fmt::format("\r\033[{}A\033[J", drawn_);
  drawn_ = 0;
  return out;
}

std::string ending_text(const std::string& kind, const CopyEnding& ending, bool interrupted) {
  if (interrupted && was_cancelled(ending))
    return line_of(kind, left_as_it_was(kind, ending)) + "\n";
  if (ending.how == CopyEnding::How::not_begun)
    return line_of(kind, "not copied: " + ending.why) + "\n";
  if (ending.how == CopyEnding::How::unknown || !ending.last.is_object())
    return line_of(kind, "not known: " + ending.why) + "\n";
  const auto& last = ending.last;
  std::string text = line_of(
      kind,
      fmt::format("{} after {}, {} {} changed, {} over the network: {}", string_of(last, "result"),
                  took_text(last.value("tookMilliseconds", std::uint64_t{0})),
                  grouped(last.value("changed", std::uint64_t{0})),
                  kind == "files" ? "files" : "rows",
                  bytes_text(last.value("bytes", std::uint64_t{0})), string_of(last, "message")));
  text += "\n";
  for (const auto& note : last.value("notes", OrderedJson::array()))
    if (note.is_string()) text += line_of("", "note: " + note.get<std::string>()) + "\n";
  return text;
}

std::string ending_error(const std::string& kind, const CopyEnding& ending, bool interrupted) {
  if (ending.good() || (interrupted && was_cancelled(ending))) return "";
  if (ending.how == CopyEnding::How::unknown ||
      (ending.how == CopyEnding::How::ended && !ending.last.is_object()))
    return printable(
        fmt::format("what the {} came to is not known: {}", work_of(kind), ending.why));
  if (ending.how == CopyEnding::How::not_begun)
    return printable(fmt::format("the {} not copied: {}",
                                 kind == "files" ? "files were" : "database was", ending.why));
  const auto& last = ending.last;
  std::string text =
      printable(fmt::format("the {} {}, {}: {}", work_of(kind),
                            string_of(last, "result") == "refused" ? "was refused" : "failed",
                            string_of(last, "reason"), string_of(last, "message")));
  if (last.value("canBeForced", false))
    text += fmt::format("\nif it is right all the same: tandem replicate {} --force REASON", kind);
  return text;
}

OrderedJson endings_document(const CopyRuns& runs, const CopyEndings& endings, bool interrupted) {
  OrderedJson json = {{"interrupted", interrupted}, {"copies", OrderedJson::array()}};
  for (const auto& [kind, ending] : endings) {
    const auto number = runs.find(kind);
    OrderedJson item = {{"kind", kind}, {"run", number == runs.end() ? 0 : number->second}};
    item["state"] = ending.how == CopyEnding::How::ended       ? "Ended"
                    : ending.how == CopyEnding::How::not_begun ? "NotBegun"
                                                               : "Unknown";
    if (ending.how == CopyEnding::How::ended && ending.last.is_object())
      item.update(ending.last);
    else
      item["why"] = ending.why;
    json["copies"].push_back(std::move(item));
  }
  return json;
}

}  // namespace tandem
