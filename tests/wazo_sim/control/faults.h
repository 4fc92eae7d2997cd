// The faults that the control endpoint has put in the way of the services.
#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tests/wazo_sim/http/message.h"
#include "tests/wazo_sim/json_text.h"

namespace tandem::wazo_sim {

enum class FaultKind {
  down,            // nobody listens
  status,          // this status, nothing done
  committed_500,   // done, then 500
  burst_503,       // 503 as while PostgreSQL restarts, nothing done
  slow,            // done, answered late
  dribble,         // done, answered byte by byte
  cut,             // done, the connection ends within the answer
  unconfirmed,     // done, the connection ends without a byte of answer
  truncated_json,  // 200 and half a body; a write is not done
  garbage,         // 200 and a body that is no JSON, nothing done
  huge,            // 200 and a body without end, nothing done
  redirect,        // 302 to somewhere else, nothing done
  step,            // sysconfd: this step of what it does fails, whoever asked
};

std::string_view kind_name(FaultKind kind);

struct InjectedFault {
  using Instant = std::chrono::steady_clock::time_point;

  int id = 0;
  std::string service;  // auth, confd, provd or sysconfd
  FaultKind kind = FaultKind::status;
  std::optional<std::string> method;       // none: any
  std::optional<std::string> path_prefix;  // none: any
  std::optional<int> count;                // hits left; none: until cleared
  std::optional<Instant> until;
  int status = 500;
  std::chrono::milliseconds delay{0};
  std::string location;  // of a redirect
  bool within_headers = false;
  std::string step;  // of sysconfd: one of kSteps
  int hits = 0;
};

// The seven steps of sysconfd's update, in their order; then the commands of its other calls.
inline constexpr std::array<std::string_view, 9> kSteps = {
    "ha_conf",        "pg_hba",    "postgresql_conf", "restart",     "cron",
    "slave_services", "sentinels", "systemctl",       "wazo_service"};

class FaultTable {
 public:
  using Instant = InjectedFault::Instant;

  static constexpr std::size_t kFaultsMax = 100;

  // The id of the new fault, or the sentence that says what is wrong with `wanted`.
  std::variant<int, std::string> add(const Json& wanted, Instant now);
  bool remove(int id);
  void clear() { faults_.clear(); }
  Json list(Instant now);

  // The oldest fault that meets this request. It is counted as hit; neither `down` nor `step` is
  // ever among them.
  std::optional<InjectedFault> take(const std::string& service, const std::string& method,
                                    const std::string& target, Instant now);

  // Whether this step of sysconfd's is to fail; that is counted as a hit.
  bool take_step(const std::string& step, Instant now);

  bool is_down(const std::string& service, Instant now) const;

 private:
  void hit(std::vector<InjectedFault>::iterator fault);
  void forget_expired(Instant now);

  std::vector<InjectedFault> faults_;
  int last_id_ = 0;
};

}  // namespace tandem::wazo_sim
