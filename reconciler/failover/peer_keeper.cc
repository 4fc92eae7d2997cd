#include "reconciler/failover/peer_keeper.h"

#include <fmt/format.h>

#include <boost/asio/use_awaitable.hpp>
#include <nlohmann/json.hpp>

#include "core/json_text.h"
#include "core/order_text.h"
#include "core/url.h"

namespace tandem {
namespace {

constexpr std::size_t kAnswerMax = 64U << 10U;
constexpr std::size_t kSentenceMax = 2000;

// The member `field` of an answer, where it is text of a decent length.
std::string member(const std::string& body, const char* field) {
  const auto json = read_json(body);
  if (!json.is_object() || !json.contains(field) || !json[field].is_string()) return "";
  const auto& text = json[field].get_ref<const std::string&>();
  return text.size() <= kSentenceMax ? text : "";
}

Result<std::string> read_answer(const HttpResponse& response, const std::string& peer) {
  if (response.status == 200) return member(response.body, "message");
  const auto detail = member(response.body, "detail");
  const auto what = fmt::format("{} answers with status {}{}{}", peer, response.status,
                                detail.empty() ? "" : ": ", detail);
  if (response.status == 401 || response.status == 403) return Error{Fault::denied, what};
  const bool refused = response.status >= 400 && response.status < 500 && response.status != 429;
  return Error{refused ? Fault::invalid : Fault::unavailable, what};
}

}  // namespace

PeerKeeper::PeerKeeper(PeerKeeperParts parts)
    : parts_(std::move(parts)), signal_(parts_.clock.make_signal()) {
  if (parts_.http != nullptr)
    taker_.emplace(parts_.disk, parts_.clock, *parts_.http, parts_.specs, parts_.node);
}

const HAPair* PeerKeeper::pair() const {
  const SpecView& view = parts_.specs.view();
  return view.accepted ? &*view.accepted : view.wanted();
}

Duration PeerKeeper::period() const {
  return pair() == nullptr ? Duration{kIdlePeriod} : pair()->failover.peer.period;
}

std::string PeerKeeper::peer_name() const {
  if (pair() == nullptr) return "";
  if (pair()->primary.name == parts_.node) return pair()->secondary.name;
  return pair()->secondary.name == parts_.node ? pair()->primary.name : "";
}

std::optional<PeerQuestion> PeerKeeper::question() const {
  const std::string peer = peer_name();
  if (parts_.http == nullptr || peer.empty()) return std::nullopt;
  const NodeSpec& node = peer == pair()->primary.name ? pair()->primary : pair()->secondary;
  PeerQuestion question;
  question.url = parts_.url ? *parts_.url : "https://" + node.address + ":" + parts_.port;
  while (question.url.ends_with('/')) question.url.pop_back();
  question.pair = pair()->name;
  question.node = peer;
  question.timeout = pair()->failover.peer.timeout;
  return question;
}

Task<void> PeerKeeper::run() {
  while (!stopping_) {
    const Instant next = parts_.clock.now() + period();
    const auto asked = question();
    if (asked) {
      take(co_await probe_peer(*parts_.http, parts_.clock, *asked));
      if (sample_.heard == Heard::answers && word_ && !stopping_)
        co_await taker_->follow(*word_, asked->url);
    }
    if (!stopping_) co_await parts_.clock.wait(*signal_, next);
  }
}

void PeerKeeper::stop() {
  stopping_ = true;
  signal_->notify();
}

void PeerKeeper::take(PeerReading reading) {
  const bool news = reading.sample.heard != sample_.heard || reading.sample.poor != sample_.poor ||
                    reading.sample.reason != sample_.reason || reading.word != word_;
  sample_ = std::move(reading.sample);
  if (reading.word) {
    heard_at_ = sample_.at;
    last_said_ = Said{*reading.word, parts_.clock.wall()};
    word_ = std::move(reading.word);
  } else if (sample_.at - heard_at_ > kPeriods * period()) {
    word_.reset();
  }
  if (news && parts_.changed) parts_.changed();
}

bool PeerKeeper::hears() const {
  return word_.has_value() && parts_.clock.now() - heard_at_ <= kPeriods * period();
}

PeerFacts PeerKeeper::facts() const {
  PeerFacts facts;
  facts.set_up = set_up();
  facts.node = parts_.node;
  facts.peer = peer_name();
  if (const auto asked = question())
    if (const auto url = parse_url(asked->url); url.ok())
      facts.port = std::to_string(url.value().port);
  const PeerWord own = parts_.own();
  facts.role = own.role;
  facts.state = own.state;
  facts.cause = own.cause;
  if (pair() != nullptr) facts.distribution = pair()->distribution;
  facts.spec_sha256 = own.spec_sha256;
  facts.spec_since = own.spec_since;
  facts.wanted_sha256 = own.wanted_sha256;
  facts.sample = sample_;
  facts.word = word_;
  return facts;
}

std::vector<Condition> PeerKeeper::conditions() const {
  auto conditions = peer_conditions(facts());
  if (taker_ && taker_->condition()) conditions.push_back(*taker_->condition());
  return conditions;
}

std::optional<std::string> PeerKeeper::structural_refusal() const {
  return tandem::structural_refusal(facts());
}

Task<Result<std::string>> PeerKeeper::forward(Order order) {
  const auto asked = question();
  if (!asked)
    co_return Error{Fault::not_found,
                    "there is no peer link to take the order over: type it on the other node"};
  HttpRequest request;
  request.method = "POST";
  request.url = asked->url + kPeerOrdersPath;
  request.certificate_name = asked->node;
  request.headers["Content-Type"] = "application/json";
  request.deadline = kForwardDeadline;
  request.body_max = kAnswerMax;
  request.body = to_text(order);
  const auto response = co_await parts_.http->send(std::move(request));
  if (!response.ok()) co_return in_context(asked->node, response.error());
  co_return read_answer(response.value(), asked->node);
}

}  // namespace tandem
