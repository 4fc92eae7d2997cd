// All chance of a scenario comes from one seed.
#pragma once

#include <chrono>
#include <cstdint>

namespace tandem::sim {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}

  // Splitmix64: small, fast, and the same on every machine.
  std::uint64_t next() {
    std::uint64_t mixed = (state_ += 0x9e3779b97f4a7c15U);
    mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
    return mixed ^ (mixed >> 31U);
  }

  double share() { return static_cast<double>(next() >> 11U) * 0x1.0p-53; }
  bool chance(double probability) { return probability > 0 && share() < probability; }
  int below(int count) { return static_cast<int>(next() % static_cast<std::uint64_t>(count)); }
  int between(int low, int high) { return low + below(high - low + 1); }
  // To the millisecond, both ends included.
  std::chrono::milliseconds between(std::chrono::milliseconds low, std::chrono::milliseconds high) {
    const auto span = static_cast<std::uint64_t>((high - low).count()) + 1;
    return low + std::chrono::milliseconds{static_cast<std::int64_t>(next() % span)};
  }

 private:
  std::uint64_t state_;
};

}  // namespace tandem::sim
