#include "probes/sip_probe.h"

#include <fmt/format.h>

#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "probes/attempt.h"

namespace tandem {

Task<Sample> probe_sip(Sip& sip, Clock& clock, SipQuestion question) {
  const Instant begin = clock.now();
  const auto status = co_await sip.options(std::move(question));
  const Instant end = clock.now();
  if (!status.ok()) co_return unanswered(begin, end, status.error());
  Sample sample = answered(begin, end);
  sample.poor = status.value() == kServiceUnavailable || sample.took > kLateAnswer;
  sample.reason = fmt::format("{} {}", status.value(), sample.reason);
  co_return sample;
}

}  // namespace tandem
