// Whether a SIP server serves: the final answer to one OPTIONS.
#pragma once

#include "pbx/sip.h"
#include "ports/clock.h"
#include "ports/task.h"
#include "probes/sample.h"

namespace tandem {

inline constexpr std::chrono::seconds kLateAnswer{2};
inline constexpr int kServiceUnavailable = 503;

// Any final answer is one of a living server; 503, or one later than kLateAnswer, is a poor one.
Task<Sample> probe_sip(Sip& sip, Clock& clock, SipQuestion question);

}  // namespace tandem
