#include "replication/database/awake_session.h"

#include <utility>

namespace tandem {

AwakeSession::AwakeSession(std::unique_ptr<DatabaseSession> session)
    : session_(std::move(session)),
      thread_([this](const std::stop_token& stop) { keep_awake(stop); }) {}

AwakeSession::~AwakeSession() = default;

void AwakeSession::keep_awake(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    ended_.wait_for(lock, stop, kEvery, [] { return false; });
    if (stop.stop_requested()) return;
    // A session that is lost says so to its user's next call.
    if (!in_stream_ && !std::exchange(used_, false)) static_cast<void>(session_->ask("select"));
  }
}

Result<SqlRows> AwakeSession::ask(const std::string& text) {
  const std::lock_guard lock(mutex_);
  used_ = true;
  auto rows = session_->ask(text);
  affected_ = session_->affected();
  return rows;
}

Status AwakeSession::begin_rows(const std::string& text) {
  const std::lock_guard lock(mutex_);
  const auto begun = session_->begin_rows(text);
  in_stream_ = begun.ok();
  return begun;
}

Result<const SqlRow*> AwakeSession::next_row() {
  const std::lock_guard lock(mutex_);
  const auto row = session_->next_row();
  in_stream_ = row.ok() && row.value() != nullptr;
  return row;
}

Status AwakeSession::begin_copy_out(const std::string& text) {
  const std::lock_guard lock(mutex_);
  const auto begun = session_->begin_copy_out(text);
  in_stream_ = begun.ok();
  return begun;
}

Result<std::string_view> AwakeSession::next_copy_data() {
  const std::lock_guard lock(mutex_);
  const auto data = session_->next_copy_data();
  in_stream_ = data.ok() && !data.value().empty();
  return data;
}

Status AwakeSession::begin_copy_in(const std::string& text) {
  const std::lock_guard lock(mutex_);
  const auto begun = session_->begin_copy_in(text);
  in_stream_ = begun.ok();
  return begun;
}

Status AwakeSession::put_copy_data(std::string_view data) {
  const std::lock_guard lock(mutex_);
  return session_->put_copy_data(data);
}

Result<std::uint64_t> AwakeSession::end_copy_in() {
  const std::lock_guard lock(mutex_);
  in_stream_ = false;
  const auto rows = session_->end_copy_in();
  affected_ = session_->affected();
  return rows;
}

void AwakeSession::set_patience(std::chrono::milliseconds patience) {
  const std::lock_guard lock(mutex_);
  session_->set_patience(patience);
}

}  // namespace tandem
