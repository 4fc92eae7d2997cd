// The programs of a node whose PostgreSQL is a test's own.
#pragma once

#include <exception>
#include <string>
#include <utility>

#include "ports/real_process.h"
#include "tests/ports/test_postgres.h"

namespace tandem {

// The node's programs: runuser and psql run for real, a restart is the test's own.
class ClusterPrograms : public Process {
 public:
  ClusterPrograms(TestPostgres& cluster, std::string runuser)
      : cluster_(cluster), runuser_(std::move(runuser)) {}

  int restarts = 0;

  Task<Result<CommandOutcome>> run(Command command) override {
    if (command.argv[0] != "/usr/bin/systemctl") {
      command.argv[0] = runuser_;
      auto outcome = co_await programs_.run(std::move(command));
      co_return outcome;
    }
    ++restarts;
    CommandOutcome outcome;
    outcome.exit_status = 0;
    try {
      cluster_.stop();
      cluster_.start();
    } catch (const std::exception& error) {
      outcome.exit_status = 1;
      outcome.errors = error.what();
    }
    co_return outcome;
  }

  Task<Status> end_job(Command kept) override { return programs_.end_job(std::move(kept)); }

 private:
  TestPostgres& cluster_;
  std::string runuser_;
  RealProcess programs_;
};

}  // namespace tandem
