#include "app/commands/copy_rows.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>

#include "app/commands/rows.h"

namespace tandem {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr std::size_t kTextWidth = 100;
constexpr std::size_t kIndent = 12;  // of what is told of a kind, behind its name

std::string text_of(const OrderedJson& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : "";
}

std::uint64_t number_of(const OrderedJson& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_number() ? found->get<std::uint64_t>() : 0;
}

bool is_told(const OrderedJson& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && !found->is_null();
}

// "4m10s ago"; "never" where there is no such time.
std::string ago(const OrderedJson& json, const char* key, const OrderedJson& now) {
  return is_told(json, key) ? age_between(json[key], now) + " ago" : "never";
}

bool has_failed(const OrderedJson& kind) {
  if (!is_told(kind, "last")) return false;
  const auto result = text_of(kind["last"], "result");
  return result == "refused" || result == "failed";
}

std::string first_proof(const OrderedJson& kind) {
  const std::string proof = text_of(kind, "proof");
  return proof.substr(0, proof.find(';'));
}

Cell result_cell(const OrderedJson& item) {
  if (is_told(item, "holds")) return {"holds", Tint::good};
  if (item.contains("holds")) return {"holds nothing", Tint::bad};
  if (item.value("running", false)) return {"running", Tint::none};
  if (is_told(item, "held")) return {"held", Tint::warn};
  if (!is_told(item, "last")) return {"-", Tint::dim};
  return {text_of(item["last"], "result"), has_failed(item) ? Tint::bad : Tint::good};
}

std::string held_text(const OrderedJson& holds) {
  return fmt::format("what {} had: {} tables, hash {}", text_of(holds, "primary"),
                     number_of(holds, "tables"), text_of(holds, "hash"));
}

// "stream: 0.8 ms behind, 1.2 MiB of log kept", or why there is none.
std::string stream_text(const OrderedJson& stream) {
  if (!stream.value("runs", false))
    return fmt::format("stream, {}: {}", text_of(stream, "reason"), text_of(stream, "message"));
  std::string text = "stream: runs";
  if (is_told(stream, "lagSeconds"))
    text += fmt::format(", {:.1f} ms behind", stream["lagSeconds"].get<double>() * 1000);
  if (is_told(stream, "keptWalBytes"))
    text += fmt::format(", {} of log kept", bytes_text(number_of(stream, "keptWalBytes")));
  return text;
}

std::string message_of(const OrderedJson& item) {
  if (is_told(item, "holds")) return held_text(item["holds"]);
  if (item.contains("holds")) return "no copy of the primary's database is known here";
  if (item.value("running", false))
    return is_told(item, "progress") ? meter_text(item["progress"]) : "begins";
  if (is_told(item, "held")) return text_of(item["held"], "message");
  const std::string told =
      is_told(item, "last") ? text_of(item["last"], "message") : text_of(item, "proof");
  return is_told(item, "stream") ? stream_text(item["stream"]) + "; " + told : told;
}

std::string next_text(const OrderedJson& item, const OrderedJson& now) {
  return is_told(item, "next") ? age_between(now, item["next"]) : "-";
}

std::string parts_text(const OrderedJson& last) {
  std::vector<std::string> parts;
  if (is_told(last, "parts"))
    for (const auto& [result, number] : last["parts"].items())
      parts.push_back(fmt::format("{} {}", number.get<std::uint64_t>(), result));
  return parts.empty() ? "-" : fmt::format("{}", fmt::join(parts, ", "));
}

std::string in_lines(const Terminal& out, Tint tint, const std::string& text) {
  std::string lines;
  const std::string broken = wrapped(printable(text), kTextWidth, 0);
  for (std::size_t at = 0; at < broken.size();) {
    const auto end = broken.find('\n', at);
    lines += std::string(kIndent, ' ') + out.tinted(tint, broken.substr(at, end - at)) + '\n';
    at = end + 1;
  }
  return lines;
}

// What keeps a kind from being copied, and what a person may do about it.
std::string trouble_lines(const Terminal& out, const std::string& name, const OrderedJson& kind) {
  if (is_told(kind, "held"))
    return in_lines(out, Tint::warn,
                    fmt::format("held, {}: {}", text_of(kind["held"], "reason"),
                                text_of(kind["held"], "message")));
  if (!has_failed(kind)) return "";
  const auto& last = kind["last"];
  std::string lines = in_lines(out, Tint::bad,
                               fmt::format("{}, {}: {}", text_of(last, "result"),
                                           text_of(last, "reason"), text_of(last, "message")));
  if (last.value("canBeForced", false))
    lines += in_lines(out, Tint::none,
                      fmt::format("if it is right: tandem replicate {} --force REASON", name));
  return lines;
}

std::string wide_lines(const Terminal& out, const OrderedJson& kind) {
  std::string lines;
  if (is_told(kind, "last")) {
    const auto& last = kind["last"];
    lines += in_lines(
        out, Tint::dim,
        fmt::format(
            "last run, the {}. of this operator: {} at {}, {} changed, {} over the network; "
            "{}",
            number_of(kind, "run"), text_of(last, "result"), text_of(last, "ended"),
            grouped(number_of(last, "changed")), bytes_text(number_of(last, "bytes")),
            parts_text(last)));
    for (const auto& note : last["notes"])
      lines += in_lines(out, Tint::warn, "note: " + note.get<std::string>());
  }
  return lines;
}

// Ages, and when the next run is due.
std::string times_text(const OrderedJson& kind, const OrderedJson& now) {
  std::string text = "copied " + ago(kind, "lastSuccess", now);
  if (is_told(kind, "last"))
    text += fmt::format(", the last run took {}",
                        took_text(number_of(kind["last"], "tookMilliseconds")));
  if (is_told(kind, "lastChange")) text += ", last change " + ago(kind, "lastChange", now);
  if (is_told(kind, "next")) text += ", next in " + next_text(kind, now);
  return text;
}

std::string kind_lines(const Terminal& out, const std::string& name, const OrderedJson& kind,
                       const OrderedJson& now, bool wide) {
  const std::string proof = first_proof(kind);
  const bool proven = is_told(kind, "lastProof");
  const bool ever = proven || is_told(kind, "lastSuccess");
  std::string head = proven ? "proven " + ago(kind, "lastProof", now) : "never proven";
  if (!ever) head = "never copied";
  std::string text = fmt::format("  {:<{}}{}{}\n", name, kIndent - 2,
                                 out.tinted(proven ? Tint::good : Tint::bad, head),
                                 proof.empty() ? "" : printable(": " + proof));
  if (ever || is_told(kind, "last") || is_told(kind, "next"))
    text += in_lines(out, Tint::none, times_text(kind, now));
  if (kind.value("running", false)) text += in_lines(out, Tint::none, "now: " + message_of(kind));
  text += trouble_lines(out, name, kind);
  if (is_told(kind, "stream"))
    text += in_lines(out, kind["stream"].value("runs", false) ? Tint::good : Tint::warn,
                     stream_text(kind["stream"]));
  return wide ? text + wide_lines(out, kind) : text;
}

std::string holds_lines(const Terminal& out, const OrderedJson& holds, const OrderedJson& now,
                        bool wide) {
  const std::string name = fmt::format("  {:<{}}", "database", kIndent - 2);
  if (holds.is_null())
    return name + out.tinted(Tint::bad, "no copy of the primary's database is known here") + '\n';
  std::string hash = text_of(holds, "hash");
  if (!wide) hash = hash.substr(0, 16);
  return fmt::format(
      "{}of {}, {}: {} tables, hash {}\n", name, printable(text_of(holds, "primary")),
      out.tinted(is_told(holds, "lastProof") ? Tint::good : Tint::bad,
                 is_told(holds, "lastProof") ? "proven equal " + ago(holds, "lastProof", now)
                                             : "never proven"),
      number_of(holds, "tables"), printable(hash));
}

// Where generations are kept: how many in the wide form, and always what holds the copies.
std::string undo_lines(const Terminal& out, const OrderedJson& undo, const OrderedJson& now,
                       bool wide) {
  if (!is_told(undo, "kept")) return "";
  const auto& kept = undo["kept"];
  std::string text;
  if (is_told(kept, "hold")) {
    const auto& hold = kept["hold"];
    std::string told = fmt::format(
        "the copy of {} was undone {} by {}: nothing is copied into the database before somebody "
        "orders it on the primary: tandem replicate database",
        text_of(hold, "takenAt"), ago(hold, "undoneAt", now), text_of(hold, "by"));
    text += in_lines(out, Tint::warn, told);
  }
  if (wide)
    text +=
        in_lines(out, Tint::dim,
                 fmt::format("{} generations kept for an undo, {}", number_of(kept, "generations"),
                             bytes_text(number_of(kept, "bytes"))));
  return text;
}

// What users changed on the secondary while it served.
std::string diverged_lines(const Terminal& out, const OrderedJson& diverged) {
  if (is_told(diverged, "notKept"))
    return in_lines(out, Tint::warn, text_of(diverged, "notKept") + "; no copy is made before");
  if (!diverged.value("waits", false) || !is_told(diverged, "waiting")) return "";
  std::uint64_t users = 0;
  for (const char* feature : {"dnd", "forwards"}) users += number_of(diverged["waiting"], feature);
  return in_lines(out, Tint::warn,
                  fmt::format("{} changes of users and {} rows of other tables wait: tandem "
                              "divergence",
                              users, number_of(diverged["waiting"], "other")));
}

// What users left on the secondary: in one line where nothing waits.
std::string harvest_lines(const Terminal& out, const OrderedJson& harvest, const OrderedJson& now) {
  const std::string name = fmt::format("  {:<{}}", "harvest", kIndent - 2);
  if (is_told(harvest, "held"))
    return name + out.tinted(Tint::warn, "has not come home") + '\n' +
           in_lines(out, Tint::warn, text_of(harvest["held"], "message"));
  if (!harvest.value("known", false)) return name + out.tinted(Tint::dim, "not known yet") + '\n';
  std::string text = name + out.tinted(Tint::good, "nothing waits to come home");
  if (is_told(harvest, "lastSuccess"))
    text += ", the last came " + ago(harvest, "lastSuccess", now);
  text += '\n';
  if (is_told(harvest, "last"))
    text += in_lines(out, Tint::none, text_of(harvest["last"], "message"));
  return text;
}

}  // namespace

std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3)
    text.insert(static_cast<std::size_t>(at), ",");
  return text;
}

std::string bytes_text(std::uint64_t bytes) {
  if (bytes < 1024) return fmt::format("{} B", bytes);
  double size = static_cast<double>(bytes);
  std::size_t unit = 0;
  constexpr std::array kUnits{"B", "KiB", "MiB", "GiB", "TiB"};
  for (; size >= 1024 && unit + 1 < kUnits.size(); ++unit) size /= 1024;
  return fmt::format("{:.1f} {}", size, kUnits.at(unit));
}

std::string took_text(std::uint64_t milliseconds) {
  if (milliseconds < 1000) return fmt::format("{}ms", milliseconds);
  if (milliseconds < 60'000)
    return fmt::format("{:.1f}s", static_cast<double>(milliseconds) / 1000);
  return age(static_cast<long long>(milliseconds / 1000));
}

std::string short_count(std::uint64_t number) {
  if (number < 10'000) return grouped(number);
  if (number < 1'000'000) return fmt::format("{}K", number / 1000);
  return fmt::format("{:.2f}M", static_cast<double>(number) / 1e6);
}

std::string meter_text(const OrderedJson& meter, const std::string& pace) {
  const bool rows = text_of(meter, "unit") == "rows";
  const auto parts = number_of(meter, "parts"), done = number_of(meter, "done"),
             total = number_of(meter, "total");
  const auto amount = [&](std::uint64_t number) {
    return rows ? short_count(number) : bytes_text(number);
  };
  std::string text = text_of(meter, "phase");
  if (parts > 0)
    text +=
        fmt::format(" {}/{} {}", number_of(meter, "partsDone"), parts, rows ? "tables" : "folders");
  if (done > 0 || total > 0) {
    text += ", " + amount(done);
    // An estimate that was passed tells nothing.
    if (total >= done) text += " of " + amount(total);
    if (rows) text += " rows";
  }
  text += pace;
  return is_told(meter, "object") ? fmt::format("{} ({})", text, text_of(meter, "object")) : text;
}

OrderedJson replication_list(const OrderedJson& document) {
  OrderedJson list = {{"time", document.value("observedAt", "")}};
  list["items"] = OrderedJson::array();
  const auto replication = document.find("replication");
  if (replication == document.end() || !replication->is_object()) return list;
  for (const auto& [name, told] : replication->items()) {
    if (name == "undo") continue;  // no copy
    if (name == "diverged") continue;
    OrderedJson item = {{"kind", name == "holds" ? "database" : name}};
    if (name == "holds")
      item["holds"] = told;
    else
      item.update(told);
    list["items"].push_back(std::move(item));
  }
  return list;
}

std::vector<std::string> replication_headers(bool wide) {
  std::vector<std::string> headers{"KIND", "RESULT", "AGE", "PROVEN", "TOOK", "CHANGED", "NEXT"};
  if (wide) headers.insert(headers.end(), {"RUN", "LAST CHANGE", "BYTES", "PARTS"});
  headers.emplace_back("MESSAGE");
  return headers;
}

std::vector<std::vector<Cell>> replication_rows(const OrderedJson& list, bool wide) {
  std::vector<std::vector<Cell>> rows;
  const auto& now = list["time"];
  for (const auto& item : list["items"]) {
    const bool holds = item.contains("holds");
    const OrderedJson last = is_told(item, "last") ? item["last"] : OrderedJson::object();
    const OrderedJson& proven = is_told(item, "holds") ? item["holds"] : item;
    std::vector<Cell> row{{text_of(item, "kind")},
                          result_cell(item),
                          {holds ? "-" : ago(item, "lastSuccess", now)},
                          {item.contains("owed") ? "-" : ago(proven, "lastProof", now)},
                          {last.empty() ? "-" : took_text(number_of(last, "tookMilliseconds"))},
                          {last.empty() ? "-" : grouped(number_of(last, "changed"))},
                          {next_text(item, now)}};
    if (wide) {
      row.push_back({holds ? "-" : std::to_string(number_of(item, "run"))});
      row.push_back({holds ? "-" : ago(item, "lastChange", now)});
      row.push_back({last.empty() ? "-" : bytes_text(number_of(last, "bytes"))});
      row.push_back({parts_text(last)});
    }
    row.push_back({message_of(item)});
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<std::string> generation_headers(bool wide) {
  std::vector<std::string> headers{"NUMBER", "AGE", "TABLES", "ROWS", "SIZE", "CAUSE"};
  if (wide) headers.insert(headers.end(), {"TAKEN AT", "NAMES"});
  return headers;
}

std::vector<std::vector<Cell>> generation_rows(const OrderedJson& list, bool wide) {
  std::vector<std::vector<Cell>> rows;
  for (const auto& item : list["items"]) {
    std::vector<std::string> names;
    for (const auto& name : item["tables"]) names.push_back(name.get<std::string>());
    std::vector<Cell> row{{std::to_string(number_of(item, "number"))},
                          {ago(item, "takenAt", list["time"])},
                          {std::to_string(names.size())},
                          {grouped(number_of(item, "rows"))},
                          {bytes_text(number_of(item, "bytes"))},
                          {text_of(item, "cause")}};
    if (wide) {
      row.push_back({text_of(item, "takenAt")});
      row.push_back({fmt::format("{}", fmt::join(names, ","))});
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string replication_block(const Terminal& out, const OrderedJson& replication,
                              const OrderedJson& now, bool wide) {
  if (!replication.is_object() || replication.empty()) return "";
  std::string text = "Replication\n";
  for (const auto& [name, told] : replication.items()) {
    if (name == "holds")
      text += holds_lines(out, told, now, wide);
    else if (name == "diverged")
      text += diverged_lines(out, told);
    else if (name == "undo")
      text += undo_lines(out, told, now, wide);
    else if (name == "harvest")
      text += harvest_lines(out, told, now);
    else
      text += kind_lines(out, printable(name), told, now, wide);
  }
  return text;
}

}  // namespace tandem
