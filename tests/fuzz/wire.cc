// What other hosts send, besides the other node's word.
#include <array>

#include "app/order_body.h"
#include "app/query.h"
#include "core/formats.h"
#include "core/spec.h"
#include "core/url.h"
#include "pbx/gate_command.h"
#include "pbx/node_facts.h"
#include "pbx/sip.h"
#include "pbx/voicemail_files.h"
#include "ports/certificates.h"
#include "ports/echo_packet.h"
#include "ports/path.h"
#include "tests/fuzz/targets.h"

namespace tandem::fuzz {
namespace {

constexpr WallTime kNow{std::chrono::seconds{1'790'000'000}};

}  // namespace

// The options of rsync that are let through hold nothing that a shell knows.
void gate_command(std::string_view text) {
  const auto request = parse_gate_command(text);
  if (!request.ok()) return require_message(request.error().message);
  const GateRequest& asked = request.value();
  const bool copies =
      asked.verb == GateRequest::Verb::push || asked.verb == GateRequest::Verb::pull;
  require(copies == !asked.folder.empty());
  for (const auto& option : asked.options)
    require(option.starts_with('-') &&
            option.find_first_of(" \t\n;|&$`'\"<>()\\*?#~") == std::string::npos);
  if (asked.verb == GateRequest::Verb::harvest_home) require(harvest_home(asked.number) == text);
  if (!copies) return;
  require(clean_path(asked.folder).value() == asked.folder);
  const auto place = place_of(asked.folder, {"/var/lib/asterisk", "/srv/*/moh", "/a"});
  if (!place.ok()) return require_message(place.error().message);
  require(asked.folder.starts_with(place.value().allowed));
}

void node_facts(std::string_view text) {
  round_trip(
      text, [](std::string_view one) { return facts_from_json(one, "pbx-b"); },
      [](const NodeFacts& facts) { return to_json(facts); });
  static_cast<void>(key_fingerprint(text));
}

// First line: the action or the names of a query; the rest: the body or the query.
void http_request(std::string_view text) {
  const auto feed = std::min(text.find('\n'), text.size());
  const std::string head(text.substr(0, feed));
  const std::string rest(text.substr(std::min(feed + 1, text.size())));
  const auto query = read_query(head, {"since", "type", "limit"});
  if (!query.ok()) require_message(query.error().message);
  if (query.ok()) {
    const auto asked = events_asked(query.value(), kNow);
    if (!asked.ok()) require_message(asked.error().message);
    if (asked.ok()) {
      require(asked.value().query.limit >= 1 && asked.value().query.limit <= EventQuery::kLimitMax);
      require(!asked.value().query.behind || *asked.value().query.behind >= 0);
      require(!asked.value().query.after || *asked.value().query.after <= kNow);
    }
  }
  if (const auto id = whole_number(head)) require(*id >= 0);  // of Last-Event-ID
  const auto order = read_order_body(head, rest, kNow);
  if (!order.ok()) return require_message(order.error().message);
  require(is_action(head));
  require(order.value().order.reason.find_first_of("\n\r\x1B") == std::string::npos);
}

// An answer to OPTIONS, and what a raw socket hands over.
void packets(std::string_view text) {
  const int status = final_status(text, "z9hG4bKbranch");
  require(status == 0 || (status >= 200 && status <= 699));
  Echo echo;
  if (const auto message = icmp_message_in(text)) {
    require(message->size() <= text.size());
    static_cast<void>(is_echo_reply(*message, echo));
  }
  static_cast<void>(is_echo_reply(text, echo));
}

void certificate(std::string_view text) {
  const auto facts = read_certificate(text);
  if (!facts.ok()) require_message(facts.error().message);
}

// Times, durations, URLs and names of files.
void words(std::string_view text) {
  if (const auto time = parse_time(text)) require(parse_time(to_string(*time)) == time);
  if (const auto window = parse_day_window(text))
    require(parse_day_window(to_string(*window)) == window);
  const auto duration = parse_duration(text);
  if (!duration) require_message(duration.error());
  const auto url = parse_url(text);
  if (url.ok()) {
    const Url& one = url.value();
    const auto again =
        parse_url(one.origin() + one.path + (one.query.empty() ? "" : "?" + one.query));
    require(again.ok() && again.value() == one);
  } else {
    require_message(url.error().message);
  }
  if (const auto part = message_part(text)) require(message_name(*part) == text);
  const auto path = clean_path(std::string(text));
  if (path.ok()) require(clean_path(path.value()).value() == path.value());
}

}  // namespace tandem::fuzz
