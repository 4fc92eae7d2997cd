// Sessions that are cut at a call of the test's choice.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "ports/database_session.h"

namespace tandem {

// Ends a session for good at the n-th call to any of them.
struct Guillotine {
  std::atomic<int> calls_left = 0;  // sessions have threads of their own
  std::atomic<bool> fell = false;

  bool falls() {
    if (calls_left-- != 0) return fell;
    return fell = true;
  }
};

class DoomedSession : public DatabaseSession {
 public:
  DoomedSession(std::unique_ptr<DatabaseSession> session, Guillotine& blade)
      : session_(std::move(session)), blade_(blade) {}

  Result<SqlRows> ask(const std::string& text) override {
    if (falls()) return cut();
    return session_->ask(text);
  }
  Status begin_rows(const std::string& text) override {
    if (falls()) return cut();
    return session_->begin_rows(text);
  }
  Result<const SqlRow*> next_row() override {
    return lost() ? Result<const SqlRow*>(cut()) : session_->next_row();
  }
  Status begin_copy_out(const std::string& text) override {
    if (falls()) return cut();
    return session_->begin_copy_out(text);
  }
  Result<std::string_view> next_copy_data() override {
    if (lost()) return cut();
    return session_->next_copy_data();
  }
  Status begin_copy_in(const std::string& text) override {
    if (falls()) return cut();
    return session_->begin_copy_in(text);
  }
  Status put_copy_data(std::string_view data) override {
    if (lost()) return cut();
    return session_->put_copy_data(data);
  }
  Result<std::uint64_t> end_copy_in() override {
    if (falls()) return cut();
    return session_->end_copy_in();
  }
  std::uint64_t affected() const override { return session_ ? session_->affected() : 0; }
  const std::string& state() const override { return state_; }
  int version() const override { return session_ ? session_->version() : 150'000; }
  std::uint64_t bytes() const override { return session_ ? session_->bytes() : 0; }
  void set_patience(std::chrono::milliseconds patience) override {
    if (session_) session_->set_patience(patience);
  }

 private:
  bool lost() const { return !session_; }
  bool falls() {
    if (session_ && blade_.falls()) session_.reset();
    return lost();
  }
  static Error cut() { return {Fault::connection_cut, "cut by the test"}; }

  std::unique_ptr<DatabaseSession> session_;
  Guillotine& blade_;
  std::string state_;
};

class DoomedDatabases : public Databases {
 public:
  DoomedDatabases(Databases& databases, Guillotine& blade) : databases_(databases), blade_(blade) {}

  Result<std::unique_ptr<DatabaseSession>> open(const SqlTarget& target,
                                                std::stop_token stop) override {
    if (blade_.falls()) return Error{Fault::connection_refused, "cut by the test"};
    auto opened = databases_.open(target, std::move(stop));
    if (!opened.ok()) return opened.error();
    return std::unique_ptr<DatabaseSession>(
        std::make_unique<DoomedSession>(std::move(opened).value(), blade_));
  }

 private:
  Databases& databases_;
  Guillotine& blade_;
};

}  // namespace tandem
