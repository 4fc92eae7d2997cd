// The links between nodes, witnesses, phones and the trunk: cut, one way or both, and lossy.
#pragma once

#include <array>

#include "tests/pair_sim/dice.h"
#include "tests/pair_sim/scenario.h"

namespace tandem::sim {

// Where a packet can begin and end. The trunk is where the phones are.
inline constexpr int kWitness = 2;  // and the next
inline constexpr int kPhones = kWitness + kWitnessesMax;
inline constexpr int kPlaces = kPhones + 1;

class Network {
 public:
  explicit Network(std::uint64_t seed) : dice_(seed) {}

  // One more (change = 1) or one less (-1) fault of this kind.
  void cut(int from, int to, int change) { at(from, to).cuts += change; }
  void lose(int from, int to, double share) { at(from, to).loss += share; }
  void cut_off(int place, int change) {
    for (int other = 0; other < kPlaces; ++other)
      if (other != place) cut(place, other, change), cut(other, place, change);
  }
  void lose_around(int place, double share) {
    for (int other = 0; other < kPlaces; ++other)
      if (other != place) lose(place, other, share), lose(other, place, share);
  }

  // Whether one packet arrives.
  bool passes(int from, int to) {
    const Link& link = at(from, to);
    return link.cuts == 0 && !(link.loss > kNoLoss && dice_.chance(link.loss));
  }
  bool round_trip(int from, int to) { return passes(from, to) && passes(to, from); }
  // Whether nothing is wrong with this way, back and forth.
  bool is_good(int from, int to) const {
    const Link& there = links_[index(from, to)];
    const Link& back = links_[index(to, from)];
    return there.cuts == 0 && back.cuts == 0 && there.loss <= kNoLoss && back.loss <= kNoLoss;
  }
  bool is_cut(int from, int to) const {
    return links_[index(from, to)].cuts > 0 || links_[index(to, from)].cuts > 0;
  }

  std::array<int, kNodes> no_carrier{};    // own cable out
  std::array<int, kNodes> sip_filtered{};  // from this node to the other
  int peer_link_down = 0;
  std::array<int, kWitnessesMax> witness_dead{};

 private:
  // What is left of a share after it was added and taken away.
  static constexpr double kNoLoss = 1e-9;
  struct Link {
    int cuts = 0;
    double loss = 0;
  };
  static std::size_t index(int from, int to) {
    return static_cast<std::size_t>(from * kPlaces + to);
  }
  Link& at(int from, int to) { return links_[index(from, to)]; }

  std::array<Link, kPlaces * kPlaces> links_{};
  Dice dice_;
};

}  // namespace tandem::sim
