// `tandem get events|generations|takeovers|probes|replication [NAME...]`: what the operator keeps
// and measures, newest last.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <set>
#include <thread>

#include "app/commands/asking.h"
#include "app/commands/commands.h"
#include "app/commands/copy_rows.h"
#include "app/commands/rows.h"
#include "app/operator_client.h"
#include "app/terminal.h"
#include "core/json_text.h"
#include "core/spec.h"
#include "ports/event_source.h"

namespace tandem {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr std::chrono::seconds kWatchPause{1};  // until an operator that went away is asked again

// What of an item NAME on the command line is compared with, and `-o name` prints.
std::string name_of(const std::string& topic, const OrderedJson& item) {
  if (topic == "events") return item.value("object", "");
  if (topic == "generations") return std::to_string(item.value("number", std::uint64_t{0}));
  if (topic == "takeovers") return std::to_string(item.value("epoch", std::uint64_t{0}));
  return item.value(topic == "replication" ? "kind" : "probe", "");
}

// "resource" means every resource.
bool is_meant(const std::string& name, const std::vector<std::string>& wanted) {
  return wanted.empty() || std::any_of(wanted.begin(), wanted.end(), [&](const auto& one) {
           return name == one || name.starts_with(one + "/");
         });
}

void keep_only(OrderedJson& list, const GetFlags& flags) {
  auto kept = OrderedJson::array();
  for (auto& item : list["items"])
    if (is_meant(name_of(flags.topic, item), flags.names)) kept.push_back(std::move(item));
  list["items"] = std::move(kept);
}

void print_table(const Options& options, const OrderedJson& list, const GetFlags& flags,
                 bool headers) {
  const Terminal out(STDOUT_FILENO, options.no_color);
  const bool wide = flags.output == "wide";
  std::string text;
  if (flags.topic == "events")
    text = table(out, event_headers(wide), event_rows(list, wide));
  else if (flags.topic == "takeovers")
    text = table(out, takeover_headers(wide), takeover_rows(list, wide));
  else if (flags.topic == "generations")
    text = table(out, generation_headers(wide), generation_rows(list, wide));
  else if (flags.topic == "replication")
    text = table(out, replication_headers(wide), replication_rows(list, wide));
  else
    text = table(out, probe_headers(), probe_rows(list));
  if (!headers) text.erase(0, text.find('\n') + 1);
  fmt::print("{}", text);
}

void print_list(const Options& options, const OrderedJson& list, const GetFlags& flags) {
  const auto& items = list["items"];
  if (flags.output == "json") {
    fmt::print("{}\n", shown_json(items));
  } else if (flags.output == "yaml") {
    fmt::print("{}", as_yaml(items));
  } else if (flags.output == "name") {
    std::set<std::string> told;
    for (const auto& item : items)
      if (const auto name = name_of(flags.topic, item); told.insert(name).second)
        fmt::print("{}\n", printable(name));
  } else if (items.empty()) {
    fmt::print(stderr, "no {}\n", flags.topic);
  } else {
    print_table(options, list, flags, !flags.no_headers);
  }
}

// What is new, as it comes: rows of a table, or a JSON document a line.
void print_news(const Options& options, const OrderedJson& list, const GetFlags& flags) {
  if (list["items"].empty()) return;
  if (flags.output == "json")
    for (const auto& item : list["items"]) fmt::print("{}\n", shown_json(item, -1));
  else if (flags.output == "yaml")
    fmt::print("{}", as_yaml(list["items"]));
  else if (flags.output == "name")
    for (const auto& item : list["items"])
      fmt::print("{}\n", printable(name_of(flags.topic, item)));
  else
    print_table(options, list, flags, false);
}

// One event of the stream as a list of one.
OrderedJson list_of(const SentEvent& sent) {
  OrderedJson list = {{"items", OrderedJson::array()}};
  auto event = read_ordered_json(sent.data);
  if (event.is_object()) list["items"].push_back(std::move(event));
  return list;
}

std::string stream_path(const GetFlags& flags, std::int64_t last) {
  return fmt::format("/api/v1/events/stream?since={}{}", last,
                     flags.type ? "&type=" + *flags.type : "");
}

// Follows the stream until it is over, or the reader of our output has gone.
Error follow(const Options& options, EventSource& source, const GetFlags& flags,
             std::int64_t& last) {
  for (;;) {
    auto sent = source.next();
    if (!sent.ok()) return sent.error();
    if (sent.value().kind == "lost")
      print_error(options, "events are missing here: the operator could not keep them");
    if (sent.value().kind != "event") continue;
    OrderedJson list = list_of(sent.value());
    for (const auto& item : list["items"]) last = item.value("id", last);
    keep_only(list, flags);
    print_news(options, list, flags);
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) return {};
  }
}

Error follow_once(const Options& options, const OperatorConfig& config, const GetFlags& flags,
                  std::int64_t& last) {
  const Status vetted = vet_listener(address_to_ask(config));
  if (!vetted.ok()) return vetted.error();
  EventSource source(address_to_ask(config), stream_path(flags, last));
  return follow(options, source, flags, last);
}

// Until the reader of our output or the person ends it. An operator that is started anew is waited
// for; where its events were lost, what is there now is new.
int watch(const Options& options, const OperatorConfig& config, const GetFlags& flags,
          std::int64_t last) {
  bool told = false;
  while (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) {
    const std::int64_t before = last;
    const Error error = follow_once(options, config, flags, last);
    // One that ended after it told something was stopped, or started anew: nothing to worry about.
    told = told && last == before;
    if (!told && !error.message.empty()) print_error(options, printable(error.message));
    told = true;
    std::this_thread::sleep_for(kWatchPause);
  }
  return kExitFailed;
}

bool is_since(const std::string& text) {
  const bool digits =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  return !text.empty() && text.size() <= 18 && (digits || parse_duration(text));
}

}  // namespace

int get_history_command(const Options& options, const GetFlags& flags) {
  const bool events = flags.topic == "events";
  if (!events && (flags.since || flags.watch || flags.type)) {
    fmt::print(stderr, "error: --since, --type and --watch are for events\n");
    return kExitUsage;
  }
  if (flags.since && !is_since(*flags.since)) {
    fmt::print(stderr, "error: --since must be the id of an event, or how long ago: 1h\n");
    return kExitUsage;
  }
  const auto config = load_config(options);
  if (!config.ok()) {
    print_error(options, config.error().message);
    return kExitFailed;
  }
  std::string path = "/api/v1/" + flags.topic;
  if (flags.since) path += "?since=" + *flags.since;
  if (flags.type) path += (flags.since ? "&type=" : "?type=") + *flags.type;
  auto list = ask_operator(config.value(), path);
  if (!list.ok()) {
    print_error(options, printable(list.error().message));
    return kExitFailed;
  }
  if (flags.topic == "replication") list = replication_list(list.value());
  const auto last = list.value().value("lastId", std::int64_t{0});
  keep_only(list.value(), flags);
  if (!flags.watch) {
    print_list(options, list.value(), flags);
    return kExitGood;
  }
  if (flags.output == "json")
    print_news(options, list.value(), flags);
  else
    print_list(options, list.value(), flags);
  return watch(options, config.value(), flags, last);
}

}  // namespace tandem
