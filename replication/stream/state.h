// How the stream from the primary's database to the secondary's stands on both servers, and the one
// next step towards what is declared: pure, a table.
//
// PostgreSQL does the streaming: a publication and one slot on the primary, a subscription on the
// secondary. Our copy does the rest: it brings the content to the very moment at which a slot
// begins, and hands the subscription that slot in the transaction that commits the content. So
// nothing that is kept elsewhere has to agree with the databases, and a crash at any point leaves
// either the old slot's stream or the new one's.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tandem::stream {

// Of both, in the database `asterisk` of their own server.
inline constexpr std::string_view kPublication = "tandem";
inline constexpr std::string_view kSubscription = "tandem";
// Every slot of ours begins so, and has a new name: a name means one beginning. 16 hexadecimal
// digits follow, by which ours are known from those of an administrator.
inline constexpr std::string_view kSlotPrefix = "tandem_";
// What a subscription follows that has not been given a slot yet; there never is one of this name.
inline constexpr std::string_view kUnseeded = "tandem_unseeded";

struct SlotSeen {
  std::string name;
  bool active = false;           // somebody follows it now
  bool lost = false;             // the log that it needs is gone: nobody can follow it any more
  std::uint64_t kept_bytes = 0;  // of log that the server keeps for it
  std::uint64_t confirmed = 0;   // the follower has all up to this position of the log

  bool operator==(const SlotSeen&) const = default;
};

struct SubscriptionSeen {
  bool ours = false;  // its owner is our role
  bool enabled = false;
  bool applies = false;  // its worker runs
  std::string slot;
  std::set<std::string> tables;  // that it takes changes of
  std::uint64_t errors = 0;      // that stopped it, by the server's count

  bool operator==(const SubscriptionSeen&) const = default;
};

struct Seen {
  bool logical = false;           // the primary's server writes a log that can be streamed
  bool role = false;              // the primary's server has the role that may read it
  std::uint64_t written = 0;      // the position of its log: the secondary should have all up to it
  std::set<std::string> wanted;   // tables that are to be copied and can be published
  std::set<std::string> keyless;  // tables that are to be copied and can not be published
  std::optional<std::set<std::string>> published;  // nullopt: there is no publication of ours
  bool foreign_publication = false;                // one of our name is somebody else's
  std::vector<SlotSeen> slots;                     // ours, on the primary
  std::optional<SubscriptionSeen> subscription;    // nullopt: there is none

  // Of the slot that the subscription follows; nullptr: there is none.
  const SlotSeen* followed() const;
  // Slots that nobody will ever follow again.
  std::vector<std::string> left_over() const;
};

struct Wanted {
  bool stream = false;  // spec.replication.database.mode
  bool prove = false;   // all is to be compared now
  // The subscription's errors as they were when it was given its slot; nullopt: not known.
  std::optional<std::uint64_t> errors{};
};

enum class Step {
  copy,              // by snapshot, as without a stream: the end of a run
  end_subscription,  // the secondary's, as its owner
  drop_slots,        // those that are left over, or all where no stream is wanted
  drop_publication,
  publish,  // exactly the wanted tables
  seed,     // a new slot, our copy of its snapshot, and the subscription follows it: the end
  follow,   // what is not streamed: sequences, tables without a key: the end
};

struct StepRow {
  Step step;
  bool (*when)(const Wanted&, const Seen&);
  std::string_view reason;  // CamelCase: what StreamHealthy tells of it
  std::string_view why;     // a sentence without its end
};
// In their order; the first whose condition holds is the next step. The last one always holds.
std::span<const StepRow> rows();
const StepRow& next_step(const Wanted& wanted, const Seen& seen);

// What the next run would make or remove, and why it can not: sentences, for `tandem plan`; empty
// where it finds nothing to do. Pure.
std::vector<std::string> outlook(bool streams, const Seen& seen);

}  // namespace tandem::stream
