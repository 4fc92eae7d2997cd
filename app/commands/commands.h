// The commands, a file each. Results go to standard output, everything else to standard error; each
// returns the exit status.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/options.h"

namespace tandem {

int validate_command(const std::vector<std::string>& files, const Options& options);
int explain_command(const std::string& field);
int plan_command(const Options& options, const std::string& output);

struct ApplyFlags {
  bool now = false;
  bool structural = false;
  std::string reason;
  std::string output = "text";
};
int apply_command(const Options& options, const ApplyFlags& flags);

// `watched`: until a signal ends it.
int status_command(const Options& options, const std::string& output, bool watched);
int doctor_command(const Options& options, const std::string& output);
struct GetFlags {
  std::string topic;               // "conditions", "resources", "events", "takeovers", ...
  std::vector<std::string> names;  // only these; all where empty
  std::string output;
  bool no_headers = false;
  std::optional<std::string> since;  // of events: an id, or how long ago
  bool watch = false;                // of events: go on with what comes
  std::optional<std::string> type;   // of events: "normal" or "warning"
};
int get_command(const Options& options, const GetFlags& flags);
int get_history_command(const Options& options, const GetFlags& flags);
int why_command(const Options& options, const std::string& output);
struct OrderFlags {
  std::string action;  // "takeover", "suspend", ...
  std::string reason;
  std::optional<std::string> lasts, until;
  bool take_over = false;
  bool end = false;
  bool yes = false;      // ask nothing
  bool no_wait = false;  // until the order has its effect
  std::optional<std::string> timeout;
  std::string output = "text";
};
int order_command(const Options& options, const OrderFlags& flags);
// What an administrator says to `tandem init`.
struct InitFlags {
  std::string accept_host_key;  // "SHA256:...": no question is asked
  std::string peer_command;     // how the other node's program is called; "" as here
  bool authorize = false;       // on the secondary: take the key on standard input
  bool print_authorized_key = false;
  std::string output = "text";
};
int init_command(const Options& options, const InitFlags& flags);
struct PkiFlags {
  std::string what;  // "init" or "renew"
  std::string dir;   // "": where the operator file of the documentation looks
  std::string days;  // "": the default
  std::string output = "text";
};
int pki_command(const Options& options, const PkiFlags& flags);
int sync_gate_command(const Options& options);
// A page of the manual; the names of all where `page` is empty.
int manual_command(const std::string& page);
struct ResyncFlags {
  std::optional<std::string> tenant;  // UUID
  bool accept_failures = false;
  std::string output = "text";
};
int resync_devices_command(const Options& options, const ResyncFlags& flags);
struct ReplicateFlags {
  std::string kind;                  // "database", "files"; "": both
  std::optional<std::string> force;  // the reason: overrides the guards that yield to it
  bool confirm_direction = false;
  bool undo = false;   // takes the last copy of the database back instead
  std::string reason;  // of the undo
  std::string output = "text";
};
int replicate_command(const Options& options, const ReplicateFlags& flags);
struct DivergenceFlags {
  std::string apply;                // "dnd,forwards"
  std::optional<std::string> user;  // only this one's, by uuid
  bool force = false;
  bool discard = false;
  std::string reason;
  std::string output = "table";
};
int divergence_command(const Options& options, const DivergenceFlags& flags);
// Who is told; with `test` a message to each of them.
int notify_command(const Options& options, bool test, const std::string& output);
int support_bundle_command(const Options& options, const std::string& out);
int health_command(const Options& options);
int version_command(const std::string& output);
int completion_command(const std::string& shell);

struct ImportFlags {
  std::string product, role, address;  // what a person says where the node does not tell
  std::string peer_address, peer_name;
  std::string pair_name;
  std::string write;  // the folder of both files; empty: the declaration goes to standard output
  bool force = false;
};
int import_command(const Options& options, const ImportFlags& flags);

struct ReleaseFlags {
  bool yes = false;
};
int release_command(const Options& options, const ReleaseFlags& flags);

// Prints an error as every command does: "error: ...", a line each.
void print_error(const Options& options, const std::string& message);

}  // namespace tandem
