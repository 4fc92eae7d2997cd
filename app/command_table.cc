// Laid out by hand: clang-format 14 crashes when it aligns such tables.
// clang-format off
#include "app/command_table.h"

#include "app/run.h"

namespace tandem {
namespace {

using A = Arguments;
using enum Completes;

constexpr Parameter kGlobal[] = {
    {.name = "--operator", .value = "FILE",
     .text = "Operator file (default /etc/tandem/operator.yaml)", .target = &A::operator_file,
     .completes = files, .environment = "TANDEM_OPERATOR"},
    {.name = "--pair", .value = "FILE", .text = "Declaration of the pair", .target = &A::pair,
     .completes = files, .environment = "TANDEM_PAIR"},
    {.name = "--node", .value = "NAME", .text = "Name of this node in the pair",
     .target = &A::node, .environment = "TANDEM_NODE"},
    {.name = "--root", .value = "DIR", .text = "Prefix of every managed path", .target = &A::root,
     .completes = folders, .environment = "TANDEM_ROOT"},
    {.name = "--listen", .value = "IP:PORT", .text = "Address of the plain listener",
     .target = &A::listen, .environment = "TANDEM_LISTEN"},
    {.name = "--state-dir", .value = "DIR",
     .text = "Where the operator keeps what must last", .target = &A::state_dir,
     .completes = folders, .environment = "TANDEM_STATE_DIR"},
    {.name = "--no-color", .value = "", .text = "Never colour the output",
     .target = &A::no_color},
};

constexpr Parameter output(std::string_view choices) {
  return {.name = "-o,--output", .value = "FORM", .text = "Form of the output",
          .target = &A::output, .choices = choices};
}

constexpr Parameter kPlan[] = {output("text|json")};

constexpr Parameter kApply[] = {
    {.name = "--now", .value = "", .text = "Also make changes beyond spec.changes.allow",
     .target = &A::now},
    {.name = "--structural", .value = "",
     .text = "Put a structural change (enabled, product, names, addresses, roles, owners) in force",
     .target = &A::structural, .needs = "--reason"},
    {.name = "--reason", .value = "TEXT", .text = "Why, for the record", .target = &A::reason},
    output("text|json"),
};

constexpr Parameter kStatus[] = {
    {.name = "-w,--watch", .value = "", .text = "Show it anew as it changes, until Ctrl-C",
     .target = &A::watch},
    output("text|wide|json|yaml"),
};

constexpr Parameter kDoctor[] = {output("text|wide|json")};

constexpr Parameter kGet[] = {
    {.name = "WHAT", .value = "", .text = "What to list", .target = &A::topic,
     .choices = "conditions|events|generations|probes|replication|resources|takeovers", .required = true},
    {.name = "NAME", .value = "", .text = "Only these; all without", .target = &A::names,
     .completes = names},
    {.name = "--no-headers", .value = "", .text = "Only the rows", .target = &A::no_headers},
    {.name = "--since", .value = "WHEN",
     .text = "Events behind this id, or not older than this: 1h", .target = &A::since},
    {.name = "--type", .value = "TYPE", .text = "Only events of this type",
     .target = &A::event_type, .choices = "normal|warning"},
    {.name = "-w,--watch", .value = "", .text = "Go on with the events that come",
     .target = &A::watch},
    output("table|wide|json|yaml|name"),
};

constexpr Parameter kReason{.name = "--reason", .value = "TEXT", .text = "Why, for the record",
                            .target = &A::reason, .required = true};
constexpr Parameter kFor{.name = "--for", .value = "DURATION",
                         .text = "How long, 7d at most: 30m", .target = &A::lasts};
constexpr Parameter kUntil{.name = "--until", .value = "TIME",
                           .text = "Until when, instead of --for: 2026-12-01T06:00:00Z",
                           .target = &A::until};
constexpr Parameter kYes{.name = "--yes", .value = "", .text = "Ask nothing", .target = &A::yes};
constexpr Parameter kNoWait{.name = "--no-wait", .value = "",
                            .text = "Do not wait until it has its effect",
                            .target = &A::no_wait};
constexpr Parameter kTimeout{.name = "--timeout", .value = "DURATION",
                             .text = "How long to wait (default 5m)", .target = &A::timeout};

constexpr Parameter kTakeover[] = {kReason, kNoWait, kTimeout, output("text|json")};
constexpr Parameter kFailback[] = {kReason, kYes, kNoWait, kTimeout, output("text|json")};
constexpr Parameter kSwitchover[] = {kReason, kFor, kUntil, kYes, kNoWait, kTimeout,
                                     output("text|json")};
constexpr Parameter kSuspend[] = {kReason, kFor, kUntil, output("text|json")};
constexpr Parameter kResume[] = {kReason, output("text|json")};
constexpr Parameter kAck[] = {kReason, output("text|json")};
constexpr Parameter kMaintenance[] = {
    kReason, kFor, kUntil,
    {.name = "--take-over", .value = "",
     .text = "On the primary: the other node takes over at once, rather than to wait",
     .target = &A::take_over},
    {.name = "--end", .value = "", .text = "End the maintenance", .target = &A::end},
    kYes, kNoWait, kTimeout, output("text|json"),
};

constexpr Parameter kWhy[] = {output("text|json")};

constexpr Parameter kResync[] = {
    {.name = "--tenant", .value = "UUID", .text = "Only the phones of this tenant",
     .target = &A::tenant},
    {.name = "--accept-failures", .value = "",
     .text = "Tell nobody; take the phones that were not reached for done",
     .target = &A::accept_failures},
    output("text|json"),
};

constexpr Parameter kReplicate[] = {
    {.name = "KIND", .value = "", .text = "Only this; both without", .target = &A::topic,
     .choices = "database|files"},
    {.name = "--force", .value = "REASON",
     .text = "Copy although the primary was changed or set back, or much would go away; and why",
     .target = &A::force_reason},
    {.name = "--confirm-direction", .value = "",
     .text = "The declared primary is the one that holds what counts",
     .target = &A::confirm_direction},
    {.name = "--undo", .value = "",
     .text = "On either node: take the last copy of the database back, and copy it no more until ordered",
     .target = &A::undo},
    {.name = "--reason", .value = "TEXT", .text = "Why it is undone, for the record",
     .target = &A::reason, .needs = "--undo"},
    output("text|json"),
};

constexpr Parameter kDivergence[] = {
    {.name = "--apply", .value = "FEATURES",
     .text = "On the primary: carry these back: dnd, forwards, or dnd,forwards",
     .target = &A::apply},
    {.name = "--user", .value = "UUID", .text = "Only what this user changed",
     .target = &A::user, .needs = "--apply"},
    {.name = "--force", .value = "",
     .text = "Also where the primary's own value is not the one of before the takeover",
     .target = &A::force, .needs = "--apply"},
    {.name = "--discard", .value = "",
     .text = "Give up all that waits, also what could not be kept, and files not home yet",
     .target = &A::discard, .needs = "--reason"},
    {.name = "--reason", .value = "TEXT", .text = "Why, for the record", .target = &A::reason,
     .needs = "--discard"},
    output("table|wide|json|yaml"),
};

constexpr Parameter kNotify[] = {
    {.name = "--test", .value = "", .text = "Send a test to each of them; exit 1 if one is not told",
     .target = &A::test},
    output("text|json"),
};

constexpr Parameter kValidate[] = {
    {.name = "FILE", .value = "", .text = "Files to read", .target = &A::files,
     .completes = files, .required = true},
};

constexpr Parameter kImport[] = {
    {.name = "--write", .value = "DIR",
     .text = "Write pair.yaml and operator.yaml there; else the declaration is only shown",
     .target = &A::write, .completes = folders},
    {.name = "--force", .value = "", .text = "Overwrite files that are there",
     .target = &A::force, .needs = "--write"},
    {.name = "--pair-name", .value = "NAME", .text = "Name of the pair (default ha-pair)",
     .target = &A::pair_name},
    {.name = "--peer-name", .value = "NAME", .text = "Host name of the other node",
     .target = &A::peer_name},
    {.name = "--peer-address", .value = "IPV4",
     .text = "Address of the other node, where nothing here tells it", .target = &A::peer_address},
    {.name = "--address", .value = "IPV4", .text = "VoIP address of this node",
     .target = &A::address},
    {.name = "--role", .value = "ROLE", .text = "Role of this node, where its traces differ",
     .target = &A::role, .choices = "primary|secondary"},
    {.name = "--product", .value = "PRODUCT", .text = "What runs here", .target = &A::product,
     .choices = "wazo|xivo"},
};

constexpr Parameter kRelease[] = {
    {.name = "--yes", .value = "", .text = "Ask nothing", .target = &A::yes},
};

constexpr Parameter kExplain[] = {
    {.name = "FIELD", .value = "", .text = "As in spec.sip.expiry; failover: how it decides; Suspect: a word of it; Converged: a condition",
     .target = &A::field, .completes = fields},
};

constexpr Parameter kInit[] = {
    {.name = "--accept-host-key", .value = "SHA256:...",
     .text = "Pin the other node's ssh host key with this fingerprint, without a question",
     .target = &A::accept_host_key},
    {.name = "--peer-command", .value = "COMMAND",
     .text = "How tandem is called on the other node (default /usr/bin/tandem)",
     .target = &A::peer_command},
    {.name = "--authorize", .value = "",
     .text = "On the secondary: let in the public key on standard input",
     .target = &A::authorize},
    {.name = "--print-authorized-key", .value = "",
     .text = "On the primary: only print the line for the secondary's authorized_keys",
     .target = &A::print_authorized_key},
    output("text|json"),
};

constexpr Parameter kPki[] = {
    {.name = "WHAT", .value = "", .text = "init: make what is missing; renew: new ones for both nodes",
     .target = &A::topic, .choices = "init|renew", .required = true},
    {.name = "--dir", .value = "DIR", .text = "Where they are (default /etc/tandem/pki)",
     .target = &A::dir, .completes = folders},
    {.name = "--days", .value = "N",
     .text = "How long the nodes' certificates count (default 730)", .target = &A::days},
    output("text|json"),
};

constexpr Parameter kCompletion[] = {
    {.name = "SHELL", .value = "", .text = "bash, zsh or fish", .target = &A::shell,
     .choices = "bash|zsh|fish", .required = true},
};

constexpr Parameter kVersion[] = {output("text|json")};

constexpr Parameter kHelp[] = {
    {.name = "COMMAND", .value = "", .text = "Name of a command", .target = &A::help_of,
     .completes = commands},
};

template <const char* action>
int order(const A& a) {
  return order_command(a, {action, a.reason, a.lasts, a.until, a.take_over, a.end, a.yes,
                           a.no_wait, a.timeout, a.output});
}
constexpr char kTakeoverAction[] = "takeover", kFailbackAction[] = "failback",
               kSwitchoverAction[] = "switchover", kSuspendAction[] = "suspend",
               kResumeAction[] = "resume", kMaintenanceAction[] = "maintenance",
               kAckAction[] = "ack";

template <int (*run)(const OperatorConfig&)>
int with_config(const A& a) {
  const auto config = load_config(a);
  if (config.ok()) return run(config.value());
  print_error(a, config.error().message);
  return kExitFailed;
}

constexpr Parameter kSupportBundle[] = {
    {.name = "--out", .value = "FILE",
     .text = "Where to write it (default ./tandem-support-NODE-TIME.tar.gz)", .target = &A::out,
     .completes = files},
};

constexpr CommandEntry kCommands[] = {
    {"run", "Keep this node as declared until SIGTERM", {}, with_config<run_operator>},
    {"plan", "Show what would change on this node; exit 2 if anything", kPlan,
     [](const A& a) { return plan_command(a, a.output); }},
    {"apply", "Make one converging pass, then exit", kApply,
     [](const A& a) {
       return apply_command(a, {a.now, a.structural, a.reason, a.output});
     }},
    {"status", "Show how this node is; exit 2 if degraded", kStatus,
     [](const A& a) { return status_command(a, a.output, a.watch); }},
    {"doctor", "Show whether all that the pair needs is there; exit 2 if not", kDoctor,
     [](const A& a) { return doctor_command(a, a.output); }},
    {"get", "List conditions, resources, events, takeovers, probes, copies or generations", kGet,
     [](const A& a) {
       return get_command(a, {a.topic, a.names, a.output, a.no_headers, a.since, a.watch, a.event_type});
     }},
    {"why", "Show what takeover or failback waits for", kWhy,
     [](const A& a) { return why_command(a, a.output); }},
    {"takeover", "Have the secondary serve now", kTakeover, order<kTakeoverAction>},
    {"failback", "Have the secondary give the service back to the primary", kFailback,
     order<kFailbackAction>},
    {"switchover", "Have the secondary serve, then stop the primary for a time", kSwitchover,
     order<kSwitchoverAction>},
    {"suspend", "Change nothing and take over nothing, on both nodes, for a time", kSuspend,
     order<kSuspendAction>},
    {"resume", "End a suspension that was ordered", kResume, order<kResumeAction>},
    {"maintenance", "Take a node out of service for a time, or end that", kMaintenance,
     order<kMaintenanceAction>},
    {"ack", "Acknowledge a node that is Latched, Faulted or was started by hand", kAck,
     order<kAckAction>},
    {"init", "Make the key to the other node and have it let in there, for replication only", kInit,
     [](const A& a) {
       return init_command(a, {a.accept_host_key, a.peer_command, a.authorize,
                               a.print_authorized_key, a.output});
     }},
    {"pki", "Make or renew the certificates with which the two nodes know each other", kPki,
     [](const A& a) { return pki_command(a, {a.topic, a.dir, a.days, a.output}); }},
    {"replicate", "Copy database and files to the secondary now, comparing everything", kReplicate,
     [](const A& a) {
       return replicate_command(a, {a.topic, a.force_reason, a.confirm_direction, a.undo, a.reason,
                                   a.output});
     }},
    {"divergence", "Show what was changed while the secondary served; carry it back, or give it up",
     kDivergence,
     [](const A& a) {
       return divergence_command(a, {a.apply, a.user, a.force, a.discard, a.reason, a.output});
     }},
    {"resync-devices", "Tell the phones to fetch their configuration", kResync,
     [](const A& a) {
       return resync_devices_command(a, {a.tenant, a.accept_failures, a.output});
     }},
    {"notify", "Show who is told of takeovers and trouble; with --test, tell them", kNotify,
     [](const A& a) { return notify_command(a, a.test, a.output); }},
    {"support-bundle", "Gather how this node is and what happened to it in one file, without secrets",
     kSupportBundle, [](const A& a) { return support_bundle_command(a, a.out); }},
    {"health", "Exit 0 if the operator of this node is ready", {},
     [](const A& a) { return health_command(a); }},
    {"validate", "Read files of either kind strictly", kValidate,
     [](const A& a) { return validate_command(a.files, a); }},
    {"import", "Write the declaration of a node as it is; changes nothing on it", kImport,
     [](const A& a) {
       return import_command(a, {a.product, a.role, a.address, a.peer_address, a.peer_name,
                                 a.pair_name, a.write, a.force});
     }},
    {"release", "Give the node back to the vendor's mechanism", kRelease,
     [](const A& a) { return release_command(a, {a.yes}); }},
    {"explain", "Tell what a field means, or how failover decides", kExplain,
     [](const A& a) { return explain_command(a.field); }},
    {"completion", "Write the completion script of a shell", kCompletion,
     [](const A& a) { return completion_command(a.shell); }},
    {"version", "Show the version", kVersion,
     [](const A& a) { return version_command(a.output); }},
    {"help", "Show the help of a command", kHelp, nullptr},
};

constexpr Parameter kManual[] = {
    {.name = "PAGE", .value = "", .text = "Name of the page; all names without", .target = &A::topic},
};

constexpr CommandEntry kHidden[] = {
    {"sync-gate", "What sshd runs for the key of the other node", {},
     [](const A& a) { return sync_gate_command(a); }},
    {"manual", "Write a page of the manual", kManual,
     [](const A& a) { return manual_command(a.topic); }},
};

}  // namespace

std::span<const Parameter> global_parameters() { return kGlobal; }
std::span<const CommandEntry> command_table() { return kCommands; }
std::span<const CommandEntry> hidden_commands() { return kHidden; }

}  // namespace tandem
