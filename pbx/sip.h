// Whether a SIP server answers: one OPTIONS transaction over UDP (RFC 3261).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "ports/clock.h"
#include "ports/datagram.h"
#include "ports/task.h"

namespace tandem {

struct SipQuestion {
  std::string own;  // the address from which it is asked, IPv4
  std::string address;
  int port = 5060;
  std::chrono::milliseconds limit{1'500};
  // Whoever asks regularly says how soon the next question may come: everybody else, and what is
  // sent again, leaves room for those. 0: it is asked once.
  std::chrono::milliseconds next{0};
  bool once = false;  // where nothing gets lost, it is not sent again
  // The server is about to start: a refusal is not the end, nor that too much was asked lately, for
  // which it waits.
  bool patient = false;
};

class Sip {
 public:
  // Asterisk writes down whoever it does not know once it sees five requests in five seconds, and
  // the vendor's ban list counts that. Retransmissions are requests.
  static constexpr std::size_t kDatagramsMax = 4;
  static constexpr std::chrono::seconds kWindow{5};
  static constexpr std::size_t kReservedMax = 16;  // of the questions to come
  static constexpr int kRegularMissed = 3;
  static constexpr int kLooksForRoom = 21;  // of one who is patient, kT1 apart: two windows
  // Datagrams may arrive closer together than they were sent.
  static constexpr std::chrono::milliseconds kMargin{200};
  // RFC 3261, 17.1.2: after T1, then the double each time, at most T2.
  static constexpr std::chrono::milliseconds kT1{500};
  static constexpr std::chrono::milliseconds kT2{4'000};

  Sip(Datagrams& datagrams, Clock& clock) : datagrams_(datagrams), clock_(clock) {}

  // The status of the final answer; any of them comes from a living server. connection_refused,
  // timed_out: as ports/datagram.h. unavailable: it could not be asked, or too much was asked
  // lately; that tells nothing of the server.
  Task<Result<int>> options(SipQuestion question);

 private:
  struct Regular {
    Instant last{};
    std::chrono::milliseconds next{};
  };

  std::vector<Instant> taken(Instant now, std::chrono::milliseconds limit) const;
  Task<void> await_room(std::chrono::milliseconds limit);
  std::vector<Instant> reserved(Instant now, Instant until) const;
  void forget_unsent(const std::vector<Instant>& planned);

  Datagrams& datagrams_;
  Clock& clock_;
  std::vector<Instant> sent_;  // and what is still to be sent; of the last window
  std::optional<Regular> regular_;
  std::random_device chance_;  // the kernel's: a branch that can not be guessed
};

// The request, and the status that `text` tells if it is an answer to the request with this branch.
std::string options_request(const SipQuestion& question, const std::string& branch);
int final_status(std::string_view text, const std::string& branch);  // 0: it is no final answer

}  // namespace tandem
