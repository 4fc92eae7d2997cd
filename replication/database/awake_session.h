// A session that does not fall asleep in its transaction: while its user is busy elsewhere, a
// thread asks the server something now and then. So the server's limit for an idle transaction can
// be short, and still ends only what a program that stands still or is cut off left behind.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "ports/database_session.h"

namespace tandem {

class AwakeSession : public DatabaseSession {
 public:
  // The server is idle for at most twice this, a third of its limit, settings.h's kIdleMax.
  static constexpr std::chrono::seconds kEvery{1};

  explicit AwakeSession(std::unique_ptr<DatabaseSession> session);
  ~AwakeSession() override;

  Result<SqlRows> ask(const std::string& text) override;
  Status begin_rows(const std::string& text) override;
  Result<const SqlRow*> next_row() override;
  Status begin_copy_out(const std::string& text) override;
  Result<std::string_view> next_copy_data() override;
  Status begin_copy_in(const std::string& text) override;
  Status put_copy_data(std::string_view data) override;
  Result<std::uint64_t> end_copy_in() override;
  std::uint64_t affected() const override { return affected_; }
  const std::string& state() const override { return session_->state(); }
  int version() const override { return session_->version(); }
  std::uint64_t bytes() const override { return session_->bytes(); }
  void set_patience(std::chrono::milliseconds patience) override;

 private:
  void keep_awake(const std::stop_token& stop);

  std::unique_ptr<DatabaseSession> session_;
  std::mutex mutex_;                   // of the session and all below
  std::condition_variable_any ended_;  // only a stop wakes it
  bool in_stream_ = false;             // the server waits for nothing that we could ask
  bool used_ = false;                  // since the thread looked last
  std::uint64_t affected_ = 0;
  std::jthread thread_;  // last: it ends first
};

}  // namespace tandem
