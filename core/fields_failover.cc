// The fields of kind HAPair below spec.failover and spec.replication.
// Laid out by hand: clang-format 14 crashes when it aligns such rows.
// clang-format off
#include "core/fields_tables.h"

namespace tandem {
namespace {

using enum Type;

constexpr Field kRows[] = {
    {.path = "spec.failover",
     .text = "Who notices that the primary is gone, and what happens then."},
    {.path = "spec.failover.owner", .type = choice, .choices = "vendor|tandem",
     .fallback = "tandem",
     .text = "tandem: the secondary decides and acts by the table of `tandem explain failover`; the "
             "vendor's cron file is removed, on order. vendor: the vendor's detector, a cron file "
             "that pings once a minute, keeps the work, and Tandem only watches and tells. A "
             "declaration that names no owner and was accepted by a release whose default was "
             "vendor stays the vendor's until an order."},
    {.path = "spec.failover.mode", .type = choice, .choices = "automatic|advise|manual",
     .fallback = "automatic",
     .text = "automatic: takes over and fails back. advise: decides and reports, never acts. "
             "manual: only orders act. Without owner tandem it is advise in effect."},
    {.path = "spec.failover.probes", .text = "How the primary is watched."},
    {.path = "spec.failover.probes.icmp", .text = "Ping, on every path to the primary."},
    {.path = "spec.failover.probes.icmp.period", .type = duration, .fallback = "1s",
     .at_least = "100ms", .at_most = "1m", .text = "The time from one ping to the next."},
    {.path = "spec.failover.probes.icmp.timeout", .type = duration, .fallback = "800ms",
     .at_least = "10ms", .at_most = "1m",
     .text = "After this a ping counts as lost; at most the period."},
    {.path = "spec.failover.probes.sip",
     .text = "SIP OPTIONS over UDP to the primary: does telephony answer? It does not appear in "
             "call logs."},
    {.path = "spec.failover.probes.sip.period", .type = duration, .fallback = "2s",
     .at_least = "1500ms", .at_most = "1m",
     .text = "The time from one request to the next. More often would be more than 4 requests in 5 "
             "seconds, for which fail2ban may ban the node that asks."},
    {.path = "spec.failover.probes.sip.timeout", .type = duration, .fallback = "1500ms",
     .at_least = "10ms", .at_most = "1m",
     .text = "After this a request counts as lost; at most the period."},
    {.path = "spec.failover.probes.sip.port", .type = integer, .fallback = "5060", .at_least = "1",
     .at_most = "65535", .text = "The UDP port on which the nodes serve SIP."},
    {.path = "spec.failover.probes.peer",
     .text = "The primary's own operator, over the peer link: what it says of its services."},
    {.path = "spec.failover.probes.peer.period", .type = duration, .fallback = "1s",
     .at_least = "100ms", .at_most = "1m", .text = "The time from one request to the next."},
    {.path = "spec.failover.probes.peer.timeout", .type = duration, .fallback = "800ms",
     .at_least = "10ms", .at_most = "1m",
     .text = "After this a request counts as lost; at most the period."},
    {.path = "spec.failover.confirmHostDown", .type = duration, .fallback = "20s",
     .at_least = "1s", .at_most = "1h",
     .text = "How long the primary must be silent on every path before the secondary takes over. "
             "At least three periods of the slowest of the icmp and peer probes. Shorter means "
             "more false takeovers on a bad network."},
    {.path = "spec.failover.confirmServiceDown",
     .text = "How long SIP must be silent while the host answers, by what the primary's operator "
             "says of its services. Each at least three periods of the sip probe."},
    {.path = "spec.failover.confirmServiceDown.failed", .type = duration, .fallback = "30s",
     .at_least = "1s", .at_most = "1h", .text = "It says that they failed: Asterisk is down, and neither a start nor monit, which "
             "might start it, runs."},
    {.path = "spec.failover.confirmServiceDown.restarting", .type = duration, .fallback = "4m",
     .at_least = "1s", .at_most = "1h",
     .text = "It says that they are restarting, as in an upgrade. Not shorter than failed."},
    {.path = "spec.failover.confirmServiceDown.unknown", .type = duration, .fallback = "90s",
     .at_least = "1s", .at_most = "1h", 
     .text = "It says nothing, or only that Asterisk is down while monit may start it again."},
    {.path = "spec.failover.bootGrace", .type = duration, .fallback = "5m", .at_least = "0s",
     .at_most = "1h",
     .text = "After a boot of the secondary's own host no takeover happens for this long, unless "
             "the primary has been seen serving before. It keeps a power cut from becoming a "
             "takeover."},
    {.path = "spec.failover.witnesses", .type = list, .choices = "auto", .fallback = "auto",
     .unique = true, .items_min = 1, .items_max = 8,
     .text = "Third addresses by which a node tells whether it is itself cut off; a node that is "
             "never takes over. auto: the default gateway. Otherwise addresses that always answer "
             "ping, such as a switch or a NAS."},
    {.path = "spec.failover.witnesses[]", .type = text, .format = Format::node_address,
     .text = "An address that is neither node's."},
    {.path = "spec.failover.activationTimeout", .type = duration, .fallback = "4m",
     .at_least = "30s", .at_most = "1h",
     .text = "How long the start of the secondary's services may take before it is a fault and an "
             "alert; it is then tried again."},
    {.path = "spec.failover.deactivationTimeout", .type = duration, .fallback = "3m",
     .at_least = "10s", .at_most = "1h", .text = "How long their stop may take."},
    {.path = "spec.failover.localRestarts", .type = integer, .fallback = "0", .at_least = "0",
     .at_most = "60",
     .text = "How many times an hour the primary may restart one of its own failed units. 0: "
             "never; monit does this on a stock node."},
    {.path = "spec.failover.failback",
     .text = "How the secondary stops serving once the primary is back."},
    {.path = "spec.failover.failback.mode", .type = choice, .choices = "automatic|manual",
     .fallback = "automatic",
     .text = "manual keeps the secondary's services up until an order comes. Phones return to the "
             "primary by themselves all the same, as soon as it answers."},
    {.path = "spec.failover.failback.hold", .type = duration, .fallback = "5m", .at_least = "1s",
     .at_most = "1d",
     .text = "How long the primary must really answer SIP, without a miss, before the secondary "
             "stops. At least three periods of the sip probe."},
    {.path = "spec.failover.failback.waitForCalls", .type = duration, .fallback = "30m",
     .at_least = "0s", .at_most = "1d",
     .text = "How long a failback waits for the secondary's calls to end; those that go on longer "
             "drop."},
    {.path = "spec.failover.failback.window", .type = text, .format = Format::day_window,
     .fallback = "null", .nullable = true,
     .text = "The only time of day in which an automatic failback may happen, in the node's local "
             "time; it may pass midnight. null: at any time."},
    {.path = "spec.failover.flapping",
     .text = "The brake on failing over and back again and again."},
    {.path = "spec.failover.flapping.maxTakeovers", .type = integer, .fallback = "3",
     .at_least = "1", .at_most = "100",
     .text = "What would be this many automatic failbacks within the window is not done: the "
             "secondary stays serving until somebody acknowledges."},
    {.path = "spec.failover.flapping.window", .type = duration, .fallback = "6h", .at_least = "1m",
     .at_most = "30d",
     .text = "The time in which they are counted. At least maxTakeovers times failback.hold, else "
             "the brake could never catch."},
    {.path = "spec.replication", .text = "What the secondary gets from the primary, and how."},
    {.path = "spec.replication.owner", .type = choice, .choices = "vendor|tandem",
     .fallback = "tandem",
     .text = "tandem: Tandem keeps the secondary's copy of the database and of files; the vendor's "
             "hourly cron file is removed, on order. vendor: that file keeps the work, and Tandem "
             "only observes."},
    {.path = "spec.replication.database",
     .text = "The configuration in PostgreSQL."},
    {.path = "spec.replication.database.mode", .type = choice, .choices = "snapshot|stream",
     .fallback = "snapshot",
     .text = "snapshot: rows that differ travel, in one transaction that no reader waits for. "
             "stream: PostgreSQL's logical replication, within milliseconds, proven by the same "
             "comparison each proofInterval; it needs wal_level=logical and so one restart of the "
             "primary's server, and copies are made by snapshot until then."},
    {.path = "spec.replication.database.interval", .type = duration, .fallback = "1m",
     .at_least = "1s", .at_most = "1d",
     .text = "The time from one run to the next; at most objectives.maxDataAge. A run without "
             "changes costs some kilobytes."},
    {.path = "spec.replication.database.proofInterval", .type = duration, .fallback = "1h",
     .at_least = "1s", .at_most = "30d",
     .text = "At least this often every row of both nodes is compared by hash. Not shorter than "
             "the interval."},
    {.path = "spec.replication.database.excludeTables", .type = list, .fallback = "[]",
     .unique = true, .items_max = 256,
     .text = "Tables that are not copied, besides those that the product's profile leaves out."},
    {.path = "spec.replication.database.excludeTables[]", .type = text, .format = Format::table,
     .length_max = 127, .text = "TABLE, or SCHEMA.TABLE outside of public."},
    {.path = "spec.replication.database.maxShrink", .type = percent, .fallback = "50%",
     .text = "A run is refused that would take more than this share, and more than 20 rows, from "
             "a table of users, lines, queues and the like: the primary was probably emptied by "
             "mistake."},
    {.path = "spec.replication.files",
     .text = "Sounds, music on hold, dialplan files and keys."},
    {.path = "spec.replication.files.interval", .type = duration, .fallback = "1h",
     .at_least = "1m", .at_most = "1d",
     .text = "The time from one full comparison to the next."},
    {.path = "spec.replication.files.onChange", .type = boolean, .fallback = "true",
     .text = "Whether a changed file is copied at once, when it has been quiet for five seconds."},
    {.path = "spec.replication.files.directories", .type = list, .fallback = "[]", .unique = true,
     .items_max = 64,
     .text = "Directories of your own to copy, besides the vendor's list. On the secondary, files "
             "that the primary does not have are deleted there."},
    {.path = "spec.replication.files.directories[]", .type = text, .format = Format::directory,
     .length_max = 1024, .text = "A directory."},
    {.path = "spec.replication.files.maxShrink", .type = percent, .fallback = "50%",
     .text = "A run is refused that would delete more than this share of a directory's files."},
    {.path = "spec.replication.voicemail", .type = choice, .choices = "none|greetings|all",
     .fallback = "greetings",
     .text = "What of voicemail the secondary gets: nothing, the greetings, or the messages as "
             "well. The vendor copies none of it."},
    {.path = "spec.replication.harvest",
     .text = "What was left on the secondary while it served and is brought to the primary after "
             "the failback. Nothing is ever deleted."},
    {.path = "spec.replication.harvest.voicemail", .type = boolean, .fallback = "true",
     .text = "Voicemail messages and greetings."},
    {.path = "spec.replication.harvest.recordings", .type = boolean, .fallback = "true",
     .text = "Call recordings."},
    {.path = "spec.replication.harvest.features", .type = list, .fallback = "[]", .unique = true,
     .items_max = 2,
     .text = "Settings that users changed on their phones meanwhile: carried back to the primary by "
             "itself, where it has not got other values since. tandem divergence tells of all."},
    {.path = "spec.replication.harvest.features[]", .type = choice, .choices = "dnd|forwards",
     .text = "dnd: do not disturb. forwards: call forwards."},
};

}  // namespace

std::span<const Field> pair_rows_failover() { return kRows; }

}  // namespace tandem
