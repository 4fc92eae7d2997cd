#include "app/rate_limit.h"

#include <algorithm>

namespace tandem {
namespace {

constexpr const char* kHere = "here";
constexpr const char* kShared = "";

double filled(double tokens, Instant since, Instant now, double per_second, double most) {
  return std::min(most, tokens + per_second * std::chrono::duration<double>(now - since).count());
}

}  // namespace

bool RateLimit::allows(const std::string& address, bool here, Instant now) {
  const double per_second = here ? kPerSecondHere : kPerSecond;
  const double most = here ? kBurstHere : kBurst;
  std::string name = here ? kHere : address;
  if (!buckets_.contains(name)) {
    if (buckets_.size() >= kCallersMax) forget_full(now);
    if (buckets_.size() >= kCallersMax && !here) name = kShared;
    if (!buckets_.contains(name)) buckets_[name] = {most, now};
  }
  Bucket& bucket = buckets_[name];
  bucket.tokens = filled(bucket.tokens, bucket.filled, now, per_second, most);
  bucket.filled = now;
  if (bucket.tokens < 1) {
    ++refused_;
    return false;
  }
  bucket.tokens -= 1;
  return true;
}

void RateLimit::forget_full(Instant now) {
  if (now - forgotten_ < kForgetGap) return;
  forgotten_ = now;
  std::erase_if(buckets_, [&](const auto& one) {
    const auto& [name, bucket] = one;
    return name != kHere && filled(bucket.tokens, bucket.filled, now, kPerSecond, kBurst) >= kBurst;
  });
}

}  // namespace tandem
