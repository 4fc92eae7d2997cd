// Tells phones to fetch their configuration, so many a second and no more: what is asked after the
// backup addresses have changed.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "pbx/confd.h"
#include "pbx/provd_devices.h"
#include "ports/clock.h"
#include "resources/phones_record.h"

namespace tandem {

struct ResyncOrder {
  std::optional<std::string> tenant{};  // UUID; nullopt: the phones of all
  int rate = 5;                         // phones a second
};

struct ResyncProgress {
  std::size_t total = 0;
  std::size_t done = 0;  // told, failed or gone
  std::size_t failed = 0;
};

struct ResyncFailure {
  Device device;
  std::string why;
};

struct ResyncResult {
  std::size_t total = 0;
  std::size_t told = 0;
  std::size_t gone = 0;     // deleted meanwhile
  std::size_t skipped = 0;  // without a plug-in: provd has no way to reach them, and is not asked
  std::vector<ResyncFailure> failures;
  // Why it ended before all were asked, and how many were not.
  std::optional<Error> stopped;
  std::size_t not_asked = 0;

  bool complete() const { return !stopped && failures.empty(); }
};

class Resync {
 public:
  static constexpr std::chrono::seconds kOperationLimit{30};  // for a phone to be told
  static constexpr std::chrono::milliseconds kPoll{500};
  static constexpr std::size_t kInFlightMax = 100;
  // So many calls in a row that provd did not answer end a run.
  static constexpr int kSilentCallsMax = 5;

  Resync(Clock& clock, Confd& confd, ProvdDevices& devices, PhonesRecord& record)
      : clock_(clock), confd_(confd), devices_(devices), record_(record) {}

  // Asks all, in the order of their ids, and waits for each operation, which is then deleted.
  // `stopping` is looked at before each phone; a stopped run deletes what it began. After a run
  // over all tenants that asked every phone, the record says what they know. An error: the phones
  // could not be listed, and none was asked.
  Task<Result<ResyncResult>> run(ResyncOrder order, std::function<bool()> stopping,
                                 std::function<void(const ResyncProgress&)> tell);

 private:
  struct Operation {
    std::size_t device = 0;
    std::string place;
    Instant deadline{}, next_look{};
  };
  struct Run {
    std::vector<Device> devices;
    std::size_t next = 0;
    std::vector<Operation> operations;
    ResyncResult result;
    int silent_calls = 0;
    std::function<void(const ResyncProgress&)> tell;
  };

  Task<void> ask_next(Run& run);
  Task<void> look_at_operations(Run& run);
  Task<void> end_operations(Run& run);
  Task<void> write_down(const ResyncOrder& order, const std::string& digest, Run& run);
  Task<Result<std::string>> digest();
  static void note(Run& run, const Error& error);
  static void fail(Run& run, std::size_t device, std::string why);
  static void tell(const Run& run);

  Clock& clock_;
  Confd& confd_;
  ProvdDevices& devices_;
  PhonesRecord& record_;
};

}  // namespace tandem
