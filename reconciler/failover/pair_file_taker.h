// `distribution: fromPrimary`: the secondary takes the primary's pair.yaml over the peer link.
#pragma once

#include <optional>
#include <string>

#include "core/condition.h"
#include "core/failover.h"
#include "ports/clock.h"
#include "ports/filesystem.h"
#include "ports/http.h"
#include "ports/task.h"
#include "reconciler/spec_keeper.h"

namespace tandem {

inline constexpr const char* kPairFilePath = "/api/v1/peer/pair-file";

class PairFileTaker {
 public:
  // The same declaration is not asked for again sooner after it could not be taken.
  static constexpr std::chrono::seconds kRetry{60};
  static constexpr std::chrono::seconds kDeadline{10};

  PairFileTaker(Filesystem& disk, Clock& clock, Http& http, const SpecKeeper& specs,
                std::string node);

  // Where the declaration in force says so and this node is the secondary: puts what is in force on
  // the primary, which has just said `word`, in place of pair.yaml, and keeps the old file beside
  // it as pair.yaml.previous. Only what has the fingerprint of the word, reads without an error and
  // leaves both nodes' names and roles and what gives the rights of root (root_fields.h) as they
  // are. From there on it is an edit like any other: a structural one waits for its order.
  Task<void> follow(PeerWord word, std::string url);

  // Where the file is taken: whether it is the primary's.
  const std::optional<Condition>& condition() const { return condition_; }

 private:
  bool is_asked_for() const;
  Task<Result<std::string>> fetch(const PeerWord& word, const std::string& url);
  Status judge(const std::string& text) const;
  Status put(const std::string& text);
  void tell(Truth status, std::string reason, std::string message);

  Filesystem& disk_;
  Clock& clock_;
  Http& http_;
  const SpecKeeper& specs_;
  std::string node_;
  std::optional<Condition> condition_;
  std::string tried_;  // the fingerprint that could not be taken
  Instant try_again_{};
};

}  // namespace tandem
