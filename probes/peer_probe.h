// Asks the other operator for its word over the peer link.
#pragma once

#include <optional>
#include <string>

#include "core/failover.h"
#include "ports/clock.h"
#include "ports/http.h"
#include "ports/task.h"
#include "probes/sample.h"

namespace tandem {

inline constexpr const char* kPeerPath = "/api/v1/peer";
// An answer that takes longer is poor: whoever waits so long for a call hangs up.
inline constexpr std::chrono::seconds kPoorAnswer{2};

struct PeerQuestion {
  std::string url;   // of the other operator, without a path: "https://192.0.2.11:9878"
  std::string pair;  // what the answer must be of
  std::string node;  // likewise; also the name in its certificate
  Duration timeout{};
};

struct PeerReading {
  Sample sample;
  std::optional<PeerWord> word;  // only where it answers
};

// Silent: refused, timed out, cut, the host can not be reached. Unknown: what says nothing about
// the other node, and what is not the other node: no way out of this host, no certificate of ours,
// a certificate that is not the other node's, an answer of another pair or node. The reason says
// which.
Task<PeerReading> probe_peer(Http& http, Clock& clock, PeerQuestion question);

}  // namespace tandem
