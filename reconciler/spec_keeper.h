// Which declaration is in force: the last good one, kept over bad edits and restarts; a structural
// edit waits for its order.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/condition.h"
#include "core/pair.h"
#include "core/result.h"
#include "core/spec.h"
#include "ports/clock.h"
#include "ports/filesystem.h"

namespace tandem {

// What is known of pair.yaml after a look at it.
struct SpecView {
  std::optional<HAPair> accepted;  // in force
  std::string sha256;              // of the text of the accepted one, as sha256sum(1) tells it
  std::int64_t generation = 0;     // how many declarations were accepted on this node so far
  std::optional<HAPair> pending;   // the file's, where it waits for `tandem apply --structural`
  std::vector<std::string> structural;  // what makes it structural, a line each
  std::optional<Error> refused;         // why the file, as it is now, is not taken
  std::optional<Error> not_kept;        // what is wrong with what the state directory keeps

  // The declaration that the file asks for: the pending one, else the accepted one.
  const HAPair* wanted() const;
};

// SpecAccepted, SpecKept and StructuralChangePending.
std::vector<Condition> spec_conditions(const SpecView& view, const std::string& pair_path);

class SpecKeeper {
 public:
  // A new text is taken when two looks this far apart saw the same: an editor may still be writing.
  static constexpr std::chrono::milliseconds kSettle{100};

  // `disk` has its root at `/`: pair.yaml and the state directory are not under the managed root.
  // `node` is the name that the pair must have.
  SpecKeeper(Filesystem& disk, std::string pair_path, std::string state_dir, std::string node);

  // Where `tandem import` keeps the declaration that it wrote. The first declaration on a node is
  // put in force by an order; one that differs from the imported in nothing structural needs none.
  static std::string imported_path(const std::string& state_dir) {
    return state_dir + "/imported-pair.yaml";
  }

  // Where the text of the declaration in force is kept.
  static std::string accepted_path(const std::string& state_dir) {
    return state_dir + "/accepted-pair.yaml";
  }

  // Takes up the accepted declaration from the state directory; changes nothing there. Nothing kept
  // is a success. A failure says what is wrong with what is kept: the node then has no accepted
  // declaration.
  Status load();

  struct Look {
    bool accepted = false;              // a new declaration is in force
    bool refused = false;               // a new text was refused
    std::optional<Instant> look_again;  // the text is new and has yet to settle
  };
  // Reads pair.yaml. `at_once`: a person ordered it, so a new text need not settle.
  Look look(Instant now, bool at_once);

  // Like look(), for `plan`: nothing is kept and nothing comes into force; view().pending is what
  // the file asks for, structural or not.
  void preview();

  // Puts the pending declaration in force. invalid: nothing is pending. It is kept before it
  // counts: where that fails nothing has changed, for a restart would undo the order.
  Status accept_structural(const std::string& reason);

  // The node is given back: what is kept is removed, so that a later start waits for an order, and
  // changes nothing before it. Repeated after a stop in the middle, it finishes.
  Status forget();

  const SpecView& view() const { return view_; }
  const std::string& pair_path() const { return pair_path_; }
  // The text of the accepted declaration, byte for byte; "" where there is none.
  const std::string& accepted_text() const { return accepted_text_; }
  // Since when it is accepted; nullopt where the state directory does not tell.
  std::optional<WallTime> accepted_since() const;
  // The fingerprint of what the file asks for: of the pending declaration, else of the accepted.
  std::string wanted_sha256() const;

 private:
  struct Reading {
    std::optional<HAPair> pair;
    std::optional<Error> refused;
  };
  Reading read(const Result<std::string>& text) const;
  std::vector<std::string> structural_of(const HAPair& pair) const;
  void accept(HAPair pair, const std::string& text);
  Status write(const std::string& text, const HAPair& pair, std::int64_t generation,
               const std::string& how);
  void keep_again();
  bool take(const std::string& key, const Result<std::string>& text);
  std::string accepted_path() const { return accepted_path(state_dir_); }
  std::string record_path() const { return state_dir_ + "/accepted.json"; }

  Filesystem& disk_;
  std::string pair_path_, state_dir_, node_;
  SpecView view_;
  std::string accepted_text_;
  std::string accepted_how_;
  std::string pending_text_;
  std::optional<std::string> judged_;     // the text (or error) that view_ tells of
  std::optional<std::string> unsettled_;  // a newer one, seen once
  Instant unsettled_since_{};
};

}  // namespace tandem
