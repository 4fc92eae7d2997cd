#include "reconciler/notify/outbox.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/formats.h"

namespace tandem {
namespace {

using Json = nlohmann::ordered_json;

std::chrono::seconds backoff(int attempts) {
  std::chrono::seconds pause = Outbox::kRetryFirst;
  for (int i = 1; i < attempts && pause < Outbox::kRetryMax; ++i) pause *= 2;
  return std::min<std::chrono::seconds>(pause, Outbox::kRetryMax);
}

Json time_json(const std::optional<WallTime>& time) {
  return time ? Json(to_string(*time)) : Json(nullptr);
}

std::optional<WallTime> time_of(const Json& json, const char* key) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_string()) return std::nullopt;
  return parse_time(found->get<std::string>());
}

std::uint64_t count_of(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

std::vector<Notice> notices_of(const Json& json, const char* key) {
  std::vector<Notice> notices;
  const auto found = json.find(key);
  if (found == json.end() || !found->is_array()) return notices;
  for (const Json& entry : *found)
    if (auto notice = notice_of(entry); notice && notices.size() < Outbox::kWaitingMax)
      notices.push_back(std::move(*notice));
  return notices;
}

Json list_json(const auto& notices) {
  Json list = Json::array();
  for (const Notice& notice : notices) list.push_back(to_json(notice));
  return list;
}

}  // namespace

void Outbox::add(const Notice& notice, Instant now) {
  if (waiting_.empty()) first_added_ = now;
  waiting_.push_back(notice);
  if (waiting_.size() <= kWaitingMax) return;
  waiting_.pop_front();
  ++dropped_;
  ++untold_;
}

Instant Outbox::due(Instant now) const {
  if (has_batch()) return std::max(retry_at_, now);
  if (waiting_.empty()) return Instant::max();
  const Instant gathered = first_added_ + kGather;
  if (sent_.size() < kBurst) return std::max(gathered, now);
  return std::max(gathered, sent_[sent_.size() - kBurst] + kWindow);
}

const Outbox::Batch& Outbox::batch() {
  if (has_batch()) return batch_;
  batch_.notices.assign(waiting_.begin(), waiting_.end());
  batch_.dropped = std::exchange(untold_, 0);
  batch_.attempts = 0;
  waiting_.clear();
  retry_at_ = {};
  batch_begun_.reset();
  return batch_;
}

std::size_t Outbox::settle(const Attempt& attempt, Instant now, WallTime wall) {
  if (!batch_begun_) batch_begun_ = now;
  ++batch_.attempts;
  note(attempt, now, wall);
  if (attempt.result == Attempt::Result::delivered) {
    batch_ = {};
    sent_.push_back(now);
    if (sent_.size() > kBurst) sent_.pop_front();
    return 0;
  }
  const bool over = batch_.attempts >= kAttemptsMax || now - *batch_begun_ >= kAgeMax;
  if (attempt.result == Attempt::Result::refused || over) return give_up();
  const auto asked = std::min<std::chrono::seconds>(
      attempt.retry_after.value_or(std::chrono::seconds{0}), kRetryAfterMax);
  retry_at_ = now + std::max(backoff(batch_.attempts), asked);
  return 0;
}

void Outbox::note(const Attempt& attempt, Instant now, WallTime wall) {
  if (attempt.result != Attempt::Result::delivered) return fail(attempt, now, wall);
  standing_.last_success = wall;
  standing_.failure.clear();
  standing_.failing_since.reset();
  standing_.refused = false;
  failing_.reset();
}

void Outbox::fail(const Attempt& attempt, Instant now, WallTime wall) {
  standing_.last_failure = wall;
  standing_.failure = attempt.why;
  standing_.refused = attempt.result == Attempt::Result::refused;
  if (failing_) return;
  failing_ = now;
  standing_.failing_since = wall;
}

std::size_t Outbox::give_up() {
  const std::size_t lost = batch_.notices.size();
  dropped_ += lost;
  untold_ += lost + batch_.dropped;
  batch_ = {};
  return lost;
}

bool Outbox::in_trouble(Instant now) const {
  return failing_ && (standing_.refused || now - *failing_ >= kTroubleAfter);
}

Json Outbox::to_json() const {
  Json json = {{"waiting", list_json(waiting_)},
               {"sending", list_json(batch_.notices)},
               {"sendingDropped", batch_.dropped},
               {"attempts", batch_.attempts},
               {"dropped", dropped_},
               {"untold", untold_}};
  json["lastSuccess"] = time_json(standing_.last_success);
  json["lastFailure"] = time_json(standing_.last_failure);
  json["failingSince"] = time_json(standing_.failing_since);
  json["failure"] = standing_.failure;
  json["refused"] = standing_.refused;
  return json;
}

Outbox Outbox::of_json(const Json& json, Instant now) {
  Outbox box;
  if (!json.is_object()) return box;
  for (Notice& notice : notices_of(json, "waiting")) box.waiting_.push_back(std::move(notice));
  box.batch_.notices = notices_of(json, "sending");
  box.batch_.dropped = count_of(json, "sendingDropped");
  box.batch_.attempts = static_cast<int>(std::min<std::uint64_t>(
      count_of(json, "attempts"), static_cast<std::uint64_t>(kAttemptsMax)));
  box.dropped_ = count_of(json, "dropped");
  box.untold_ = count_of(json, "untold");
  box.standing_.last_success = time_of(json, "lastSuccess");
  box.standing_.last_failure = time_of(json, "lastFailure");
  box.standing_.failing_since = time_of(json, "failingSince");
  if (const auto why = json.find("failure"); why != json.end() && why->is_string())
    box.standing_.failure = why->get<std::string>();
  if (const auto refused = json.find("refused"); refused != json.end() && refused->is_boolean())
    box.standing_.refused = refused->get<bool>();
  box.first_added_ = now;
  // It failed before: a restart is no reason to call it well.
  if (box.standing_.failing_since) box.failing_ = now - kTroubleAfter;
  return box;
}

}  // namespace tandem
