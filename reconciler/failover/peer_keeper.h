// Keeps in touch with the other operator: asks for its word once a period, follows its pair.yaml
// where that is declared, and takes orders over to it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "probes/peer_probe.h"
#include "reconciler/failover/pair_file_taker.h"
#include "reconciler/failover/peer_conditions.h"
#include "reconciler/failover/peer_link.h"
#include "reconciler/spec_keeper.h"

namespace tandem {

inline constexpr const char* kPeerOrdersPath = "/api/v1/peer/orders";

struct PeerKeeperParts {
  Clock& clock;
  Http* http = nullptr;  // nullptr: there is no peer link
  Filesystem& disk;      // at `/`
  const SpecKeeper& specs;
  std::string node;
  std::optional<std::string> url;  // of the other operator; nullopt: its address and our own port
  std::string port;                // "9878"
  std::function<PeerWord()> own;   // what this node says of itself
  std::function<void()> changed;   // the other node is heard otherwise than before
};

class PeerKeeper : public PeerLink {
 public:
  // What was heard longer ago counts no more.
  static constexpr int kPeriods = 3;
  static constexpr std::chrono::seconds kForwardDeadline{60};
  static constexpr std::chrono::seconds kIdlePeriod{1};  // where there is nobody to ask

  explicit PeerKeeper(PeerKeeperParts parts);

  // Asks until stop().
  Task<void> run();
  void stop();

  Task<Result<std::string>> forward(Order order) override;
  bool up() const override { return hears(); }
  // What it said last; nullopt where nothing was heard within three periods.
  const std::optional<PeerWord>& word() const { return word_; }

  // The last sample; `unknown` without reason before the first.
  const Sample& sample() const { return sample_; }
  // Whether it answered within the last three periods.
  bool hears() const;
  // What it said last, however long ago, and when.
  struct Said {
    PeerWord word;
    WallTime at{};
  };
  const std::optional<Said>& last_said() const { return last_said_; }
  bool set_up() const { return parts_.http != nullptr; }
  // "" where no declaration names one.
  std::string peer_name() const;

  std::vector<Condition> conditions() const;
  std::optional<std::string> structural_refusal() const;

 private:
  std::optional<PeerQuestion> question() const;
  const HAPair* pair() const;
  Duration period() const;
  PeerFacts facts() const;
  void take(PeerReading reading);

  PeerKeeperParts parts_;
  std::optional<PairFileTaker> taker_;
  std::unique_ptr<Signal> signal_;
  bool stopping_ = false;
  Sample sample_;
  std::optional<PeerWord> word_;
  std::optional<Said> last_said_;
  Instant heard_at_{};
};

}  // namespace tandem
