#include "app/notify_service.h"

#include <fmt/format.h>

#include <boost/asio/use_awaitable.hpp>
#include <random>

#include "app/answers.h"
#include "app/version.h"
#include "core/json_text.h"
#include "ports/spawn.h"

namespace tandem {
namespace {

std::string any_serial() {
  std::random_device device;
  return fmt::format("{:08x}", device());
}

OrderedJson time_json(const std::optional<WallTime>& time) {
  return time ? OrderedJson(rfc3339(*time)) : OrderedJson(nullptr);
}

const char* result_name(Attempt::Result result) {
  switch (result) {
    case Attempt::Result::delivered: return "Delivered";
    case Attempt::Result::failed: return "Failed";
    case Attempt::Result::refused: return "Refused";
  }
  return "";  // unreachable: -Wswitch keeps the list complete
}

OrderedJson tested_document(const std::vector<Notifier::Tested>& tested) {
  OrderedJson list = OrderedJson::array();
  bool all = true;
  for (const Notifier::Tested& one : tested) {
    const bool good = one.attempt.result == Attempt::Result::delivered;
    all = all && good;
    list.push_back({{"receiver", one.receiver},
                    {"channel", one.kind},
                    {"result", result_name(one.attempt.result)},
                    {"why", one.attempt.why},
                    {"remedy", one.remedy},
                    {"seconds", std::chrono::duration<double>(one.took).count()}});
  }
  return {{"apiVersion", "tandem.ha/v1alpha1"},
          {"kind", "NotificationTest"},
          {"delivered", all},
          {"receivers", std::move(list)}};
}

}  // namespace

NotifyService::NotifyService(Parts parts)
    : parts_(std::move(parts)),
      journal_(parts_.io.get_executor(), parts_.node.config.state_dir + "/notify.json"),
      web_(parts_.io, std::nullopt),
      courier_(parts_.node.commands, web_, fmt::format("tandem/{}", kVersion)),
      notifier_({parts_.node.clock, journal_, courier_, parts_.node.config.node, any_serial(),
                 [this] { return facts(); },
                 [this]() -> const HAPair* {
                   const auto& accepted = parts_.node.specs.view().accepted;
                   return accepted ? &*accepted : nullptr;
                 },
                 [this] {
                   if (loop_ != nullptr) loop_->turn_soon();
                 },
                 [this](Task<void> task) {
                   spawn(parts_.io.get_executor(), std::move(task), parts_.on_bug);
                 },
                 parts_.observers}) {}

void NotifyService::link(Loop& loop, const FailoverKeeper& failover, const PeerKeeper& peer) {
  loop_ = &loop;
  failover_ = &failover;
  peer_ = &peer;
}

void NotifyService::start() { spawn(parts_.io.get_executor(), notifier_.run(), parts_.on_bug); }

void NotifyService::stop() {
  notifier_.stop();
  web_.cancel_all();
}

std::optional<NotifyFacts> NotifyService::facts() const {
  if (loop_ == nullptr || !loop_->goal() || !loop_->spec().accepted) return std::nullopt;
  const HAPair& pair = *loop_->spec().accepted;
  NotifyFacts facts;
  facts.role = loop_->goal()->role;
  const FailoverMemory& memory = failover_->engine().memory();
  facts.state = memory.state;
  facts.epoch = memory.epoch;
  facts.cause = memory.cause;
  facts.peer_name = facts.role == Role::primary ? pair.secondary.name : pair.primary.name;
  for (const ConditionRecord& record : loop_->board().conditions())
    facts.conditions.emplace(record.condition.type, record.condition);
  facts.peer = peer_->word();
  return facts;
}

Task<ServedResponse> NotifyService::post(std::string body) {
  const auto json = read_json(body.empty() ? "{}" : body);
  const bool right = json.is_object() && json.size() == 1 && json.contains("test") &&
                     json["test"].is_boolean() && json["test"].get<bool>();
  if (!right) co_return problem(422, "Invalid order", "must be {\"test\": true}");
  const auto tested = co_await notifier_.test();
  if (tested.ok()) co_return document(tested_document(tested.value()));
  if (tested.error().fault == Fault::invalid)
    co_return problem(409, "Nobody is told", tested.error().message);
  auto busy = problem(429, "Too many requests", tested.error().message);
  busy.headers["Retry-After"] = "5";
  co_return busy;
}

OrderedJson notifications_document(const Notifier& notifier) {
  OrderedJson list = OrderedJson::array();
  for (const Notifier::Standing& one : notifier.standings()) {
    OrderedJson json = {{"receiver", one.receiver},
                        {"channel", one.kind},
                        {"waiting", one.waiting},
                        {"dropped", one.dropped}};
    json["lastSuccessTime"] = time_json(one.last.last_success);
    json["lastFailureTime"] = time_json(one.last.last_failure);
    json["failingSince"] = time_json(one.last.failing_since);
    json["failure"] = one.last.failure;
    list.push_back(std::move(json));
  }
  return list;
}

}  // namespace tandem
