#include "app/failover_service.h"

#include <boost/asio/use_awaitable.hpp>
#include <ctime>
#include <fstream>
#include <random>
#include <stdexcept>

#include "app/kept_suspension.h"
#include "app/version.h"
#include "ports/real_slot_device.h"
#include "ports/spawn.h"
#include "reconciler/failover/explanations.h"

namespace tandem {
namespace {

void give_up(const std::string& why) { throw std::runtime_error(why); }

// By the time zone of the host, which is what people mean by a window.
std::chrono::minutes minute_of_day(WallTime wall) {
  const std::time_t time = WallTime::clock::to_time_t(wall);
  std::tm local{};
  ::localtime_r(&time, &local);
  return std::chrono::hours{local.tm_hour} + std::chrono::minutes{local.tm_min};
}

std::uint64_t any_seed() {
  std::random_device device;
  return (std::uint64_t{device()} << 32U) | device();
}

// Both as one, since a write that hangs may use them when all else is gone.
class KeptSlots : public SlotFile {
 public:
  explicit KeptSlots(std::string path) : device_(std::move(path)) {}
  Result<std::optional<std::string>> read() override { return slots_.read(); }
  Status write(const std::string& content) override { return slots_.write(content); }

 private:
  RealSlotDevice device_;
  TwoSlots slots_{device_};
};

std::string_view heard_name(Heard heard) {
  switch (heard) {
    case Heard::answers: return "answers";
    case Heard::silent: return "silent";
    case Heard::unknown: return "unknown";
  }
  return "";  // unreachable: -Wswitch keeps the list complete
}

ProbeRow row_of(const ProbeTable::Key& key, const ProbeRecord& record, Instant now) {
  ProbeRow row;
  row.probe = key.first;
  row.target = key.second;
  row.attempts = record.attempts;
  row.failures = record.failures;
  row.good = record.last.heard == Heard::answers;
  if (!record.was_tried()) return row;
  row.last = heard_name(record.last.heard);
  if (!record.last.reason.empty()) row.last += ": " + record.last.reason;
  row.age = std::chrono::duration_cast<std::chrono::milliseconds>(now - record.last.at);
  for (const ProbeMinute& minute : record.last_hour(now)) {
    const Instant begun{std::chrono::minutes{minute.number}};
    row.last_hour.push_back({std::chrono::duration_cast<std::chrono::milliseconds>(now - begun),
                             minute.attempts, minute.failures, minute.not_asked, minute.slowest});
  }
  if (row.good) row.took = std::chrono::duration_cast<std::chrono::microseconds>(record.last.took);
  return row;
}

}  // namespace

std::string read_boot_id() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(file, id);
  return id;
}

FailoverService::FailoverService(Parts parts)
    : parts_(std::move(parts)),
      slots_(std::make_shared<KeptSlots>(parts_.node.config.state_dir + "/failover")),
      memory_(slots_, memory_is_expected(parts_.node.config.state_dir)),
      engine_(memory_, parts_.boot_id),
      keeper_({parts_.node.clock, parts_.loop, engine_, nullptr, nullptr, parts_.node.commands,
               parts_.observers, parts_.node.config.node, kVersion, minute_of_day}),
      peer_sip_(parts_.node.datagrams, parts_.node.clock),
      probing_(parts_.io.get_executor(),
               {parts_.node.reachability, routes_, peer_sip_, parts_.node.sip, parts_.node.clock},
               keeper_, any_seed(), parts_.on_bug) {
  // Before any declaration is accepted: from then on a memory that is not there was lost.
  memory_.begin();
  keeper_.set_probing(probing_);
}

void FailoverService::link(PeerService& peer) {
  keeper_.set_peer(peer.link());
  desk_ = std::make_unique<OrderDesk>(
      OrderDesk::Parts{parts_.node.clock, [this] { return keeper_.order_facts(); },
                       [this](Order order) { return keeper_.carry_out(std::move(order)); },
                       [this](const std::string& id) { return keeper_.result_of(id); },
                       &peer.link(), parts_.observers});
  api_ = std::make_unique<FailoverApi>(FailoverApi::Parts{
      parts_.node.clock, &parts_.events, desk_.get(),
      [this]() -> std::optional<Why> { return why(engine_); }, [this] { return probe_rows(); }});
}

void FailoverService::start() { spawn(parts_.io.get_executor(), keeper_.run(), give_up); }

std::vector<Condition> FailoverService::conditions() const {
  auto told = keeper_.conditions();
  told.push_back(memory_.condition());
  return told;
}

Task<Result<std::string>> FailoverService::take_forwarded(Order order) {
  const OrderAnswer answer = co_await desk_->take_forwarded(std::move(order));
  if (!answer.good()) co_return Error{Fault::invalid, answer.sentence};
  co_return answer.sentence;
}

std::vector<ProbeRow> FailoverService::probe_rows() const {
  std::vector<ProbeRow> rows;
  for (const auto& [key, record] : probing_.table().rows())
    rows.push_back(row_of(key, record, parts_.node.clock.now()));
  return rows;
}

}  // namespace tandem
