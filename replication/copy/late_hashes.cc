#include "replication/copy/late_hashes.h"

#include <utility>

namespace tandem {

LateHashes::~LateHashes() {
  if (!thread_.joinable()) return;
  stop_.request_stop();
  thread_.join();
}

void LateHashes::begin(std::unique_ptr<DatabaseSession> session, std::stop_source stop,
                       std::vector<HashPlan> plans) {
  session_ = std::move(session);
  stop_ = std::move(stop);
  for (auto& plan : plans) plan.buckets = 1;
  thread_ = std::thread([this, plans = std::move(plans)] { work(plans); });
}

void LateHashes::work(const std::vector<HashPlan>& plans) {
  for (const auto& group : in_groups(plans)) {
    const auto rows = session_->ask(hash_statement(group));
    auto hashes =
        rows.ok() ? read_hashes(group, rows.value()) : Result<std::vector<TableHash>>(rows.error());
    if (!hashes.ok()) {
      failure_ = in_context("primary", hashes.error());
      return;
    }
    for (std::size_t i = 0; i < group.size(); ++i)
      hashes_[group[i].table->name] = std::move(hashes.value()[i]);
  }
}

Result<std::map<std::string, TableHash>> LateHashes::take() {
  if (thread_.joinable()) thread_.join();
  session_.reset();
  if (failure_) return *failure_;
  return std::exchange(hashes_, {});
}

}  // namespace tandem
