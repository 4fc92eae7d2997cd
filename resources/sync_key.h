// The key with which the primary copies to the secondary: present, for root alone, with the other
// node's host key pinned, and let in there. `tandem init` makes all of it; here it is looked at,
// and only a mode that drifted is mended.
//
// As long as replication is the vendor's, it is the vendor's key that counts: an unrestricted one,
// without which the vendor's own copy of files silently does nothing.
#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "pbx/peer_ssh.h"
#include "ports/clock.h"
#include "resources/resource.h"
#include "resources/spared.h"

namespace tandem {

class SyncKey {
 public:
  static constexpr std::string_view name = "sync-key";
  static constexpr bool looks_afar = true;
  // The other node is asked so often, and whenever a file of the key has changed.
  static constexpr std::chrono::minutes kAskEvery{5};

  struct Desired {
    mode_t mode = kKeyMode;  // of the key, where there is one
  };

  struct Observed {
    bool applies = false;            // this node is the primary
    std::string key;                 // its path
    std::optional<mode_t> key_mode;  // nullopt: there is no key
    bool pinned = false;             // some host key of the other node is
    std::optional<Error> trouble;    // why the other node did not answer; nullopt: it did
    std::optional<bool> vendor_key;  // nullopt: root's home is not visible here
  };

  struct Step {
    std::string path;
    mode_t from = 0;
    mode_t to = 0;
  };

  // `disk` has its root at `/`, where the key is; `files` at the managed root, where the vendor's
  // is.
  SyncKey(Filesystem& disk, Filesystem& files, PeerSsh& ssh, Clock& clock);

  static std::set<std::string> watched(const Goal& goal);
  static Desired desired(const Goal& goal);
  Task<Result<Observed>> observe(const Goal& goal);
  static std::vector<Step> diff(const Desired& want, const Observed& seen);
  Task<Status> apply(const Step& step);
  void look_anew() { asked_.look_anew(); }

  // SyncKeyUsable, on a primary.
  static std::vector<Condition> conditions(const Goal& goal, const Observed& seen);

 private:
  Result<std::optional<bool>> look_for_vendor_key(const Goal& goal);
  // What the answer depends on: asked anew where it is another.
  Result<std::string> stamp_of(const Goal& goal, Observed& seen);
  Task<void> ask(const Goal& goal, const std::string& stamp, Observed& seen);

  Filesystem& disk_;
  Filesystem& files_;
  PeerSsh& ssh_;
  Clock& clock_;

  Spared asked_;
  std::optional<Error> asked_trouble_;
};

std::vector<Change> describe(const SyncKey::Step& step);

static_assert(Resource<SyncKey>);

}  // namespace tandem
