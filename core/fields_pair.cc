// The fields of kind HAPair, all but failover and replication.
// Laid out by hand: clang-format 14 crashes when it aligns these rows.
// clang-format off
#include "core/fields_tables.h"

namespace tandem {
namespace {

using enum Type;

constexpr Field kFirst[] = {
    {.path = "",
     .text = "The declaration of a pair: /etc/tandem/pair.yaml, byte for byte the same on both "
             "nodes."},
    {.path = "apiVersion", .type = choice, .choices = kApiVersion, .required = true,
     .text = "The version of this format."},
    {.path = "kind", .type = choice, .choices = kPairKind, .required = true,
     .text = "The kind of this file."},
    {.path = "metadata", .required = true, .text = "How the pair is called."},
    {.path = "metadata.name", .type = text, .format = Format::label, .required = true,
     .text = "The name of the pair in status, events and messages. Nothing on the nodes depends "
             "on it."},
    {.path = "spec", .required = true, .text = "What the pair should be."},
    {.path = "spec.product", .type = choice, .choices = "wazo|xivo", .required = true,
     .text = "The product on both nodes. It selects the profile of paths, commands, directories "
             "and tables. There is no default: the wrong one would manage the wrong files."},
    {.path = "spec.enabled", .type = boolean, .fallback = "true",
     .text = "false turns high availability off on both nodes: markers, cron files and registrar "
             "backups are removed, and the registration times of a lone server come back. Running "
             "calls go on."},
    {.path = "spec.primary", .required = true,
     .text = "The node that serves in normal times (the vendor's master)."},
    {.path = "spec.primary.name", .type = text, .format = Format::label, .required = true,
     .text = "The node's name. Its operator finds itself by this name: it is the host name unless "
             "operator.yaml says otherwise."},
    {.path = "spec.primary.address", .type = text, .format = Format::node_address,
     .required = true,
     .text = "The IPv4 address of the VoIP interface, which phones and the other node use. IPv6 "
             "is refused because the vendor's own HA breaks on it."},
    {.path = "spec.primary.paths", .type = list, .fallback = "[]", .items_max = 8,
     .text = "Other ways to this node, such as a management network. Silence on every path is "
             "what makes a host count as down, so each further path makes a false takeover "
             "rarer."},
    {.path = "spec.primary.paths[]", .text = "One more way to the node."},
    {.path = "spec.primary.paths[].name", .type = text, .format = Format::label, .required = true,
     .text = "The path's name in probes and metrics."},
    {.path = "spec.primary.paths[].address", .type = text, .format = Format::node_address,
     .required = true, .text = "The node's IPv4 address on this path."},
    {.path = "spec.secondary", .required = true,
     .text = "The node that stands by and takes over (the vendor's slave)."},
    {.path = "spec.secondary.name", .type = text, .format = Format::label, .required = true,
     .text = "The node's name. Its operator finds itself by this name: it is the host name unless "
             "operator.yaml says otherwise."},
    {.path = "spec.secondary.address", .type = text, .format = Format::node_address,
     .required = true,
     .text = "The IPv4 address of the VoIP interface; phones register there during a takeover."},
    {.path = "spec.secondary.paths", .type = list, .fallback = "[]", .items_max = 8,
     .text = "Other ways to this node, such as a management network."},
    {.path = "spec.secondary.paths[]", .text = "One more way to the node."},
    {.path = "spec.secondary.paths[].name", .type = text, .format = Format::label,
     .required = true, .text = "The path's name in probes and metrics."},
    {.path = "spec.secondary.paths[].address", .type = text, .format = Format::node_address,
     .required = true, .text = "The node's IPv4 address on this path."},
    {.path = "spec.distribution", .type = choice, .choices = "manual|fromPrimary",
     .fallback = "manual",
     .text = "How this file reaches the secondary. manual: somebody copies it. fromPrimary: the "
             "secondary takes the primary's file over the peer link."},
    {.path = "spec.changes", .text = "How far the operator may go by itself."},
    {.path = "spec.changes.allow", .type = choice, .choices = "none|file|reload|restart|telephony",
     .fallback = "reload",
     .text = "The farthest-reaching change made without being asked; what is beyond waits for "
             "'tandem apply --now'. none: nothing is changed. file: files only. reload: a service "
             "may reload, calls go on. restart: a service such as PostgreSQL may restart. "
             "telephony: calls may drop. Takeover and failback are not meant."},
    {.path = "spec.objectives",
     .text = "What the pair promises. Nothing is switched by these; the conditions, metrics and "
             "alerts compare against them."},
    {.path = "spec.objectives.maxDowntime", .type = duration, .fallback = "5m", .at_least = "10s",
     .at_most = "1d",
     .text = "The longest time that a phone may be without telephony. The vendor promises five "
             "minutes. The condition DowntimeObjectiveMet and the alert TandemObjectiveOutOfReach "
             "compare the bound with it, which `tandem plan` tells."},
    {.path = "spec.objectives.maxDataAge", .type = duration, .fallback = "1h", .at_least = "1s",
     .at_most = "30d",
     .text = "How old the secondary's copy of the data may be. The vendor copies hourly."},
    {.path = "spec.objectives.phoneSwitch", .type = duration, .fallback = "32s", .at_least = "0s",
     .at_most = "10m",
     .text = "How long a phone tries its old server before it turns to the other one. 32s is RFC "
             "3261's Timer F; a phone with a shorter one may say so here. It is a part of the bound on "
             "the downtime."},
    {.path = "spec.sip",
     .text = "Registration times: how soon phones notice that their server is gone."},
    {.path = "spec.sip.policy", .type = choice, .choices = "managed|unmanaged",
     .fallback = "managed",
     .text = "managed: the registration times of Asterisk are kept at the values below, on both "
             "nodes; a change reloads SIP, calls go on. unmanaged: they are only measured."},
    {.path = "spec.sip.preset", .type = choice, .choices = "documented|fast",
     .fallback = "documented",
     .text = "minimum/maximum/default. documented: what the vendor's HA manual promises but no "
             "longer sets (wazo 3m/5m/4m, xivo 1m/1h/2m). fast: 1m/4m/2m, with which five minutes "
             "can be kept. Shorter times mean more registrations a second."},
    {.path = "spec.sip.expiry", .fallback = "null", .nullable = true,
     .text = "Registration times of your own; they win over the preset."},
    {.path = "spec.sip.expiry.minimum", .type = duration, .required = true, .at_least = "10s",
     .at_most = "1d", .whole_seconds = true,
     .text = "The shortest registration accepted (minimum_expiration). Phones that ask for less "
             "are told this one."},
    {.path = "spec.sip.expiry.maximum", .type = duration, .required = true, .at_least = "10s",
     .at_most = "1d", .whole_seconds = true,
     .text = "The longest registration granted (maximum_expiration). A phone may stay registered "
             "to a dead primary for this long: it is the first part of the downtime bound."},
    {.path = "spec.sip.expiry.default", .type = duration, .required = true, .at_least = "10s",
     .at_most = "1d", .whole_seconds = true,
     .text = "What a phone gets that asks for nothing (default_expiration)."},
    {.path = "spec.provisioning",
     .text = "What phones are told about the other node by the provisioning server."},
    {.path = "spec.provisioning.backupRegistrar", .type = choice, .choices = "managed|unmanaged",
     .fallback = "managed",
     .text = "managed: each registrar has the other node as its backup, those added later "
             "included. Phones learn it when they next load their configuration. unmanaged: "
             "registrars are left alone."},
    {.path = "spec.provisioning.registrars", .type = map, .format = Format::id, .fallback = "{}",
     .items_max = 64,
     .text = "Exceptions by registrar identifier, for sites with servers of their own."},
    {.path = "spec.provisioning.registrars.ID", .choices = "ignore",
     .text = "ignore: this registrar is left alone. Otherwise the backups it should have instead "
             "of the other node's address."},
    {.path = "spec.provisioning.registrars.ID.registrarBackup", .type = text,
     .format = Format::host, .required = true, .text = "The backup registrar (registrar_backup)."},
    {.path = "spec.provisioning.registrars.ID.proxyBackup", .type = text, .format = Format::host,
     .required = true, .text = "The backup proxy (proxy_backup)."},
    {.path = "spec.provisioning.resyncDevices", .type = choice, .choices = "manual|onChange",
     .fallback = "manual",
     .text = "Whether phones are told to load their configuration again after a registrar "
             "changed. manual: only by an administrator. onChange: by itself. Some models "
             "restart, which drops their calls."},
    {.path = "spec.provisioning.resyncRate", .type = integer, .fallback = "5", .at_least = "1",
     .at_most = "1000", .text = "How many phones a second are told so at most."},
};

constexpr Field kLast[] = {
    {.path = "spec.postgresAccess",
     .text = "How the primary gets into the secondary's database."},
    {.path = "spec.postgresAccess.method", .type = choice, .choices = "scram|trust",
     .fallback = "scram",
     .text = "scram: a role of our own with a password and only the rights it needs. trust: that "
             "role without a password from the other node's address: whoever can take that "
             "address reads and writes the database. The vendor's own line, its superuser "
             "without a password, stays as long as replication.owner is vendor."},
    {.path = "spec.restart", .type = choice, .choices = "advise|do", .fallback = "advise",
     .text = "The restart of all services that the vendor asks for after a change of role. "
             "advise: a condition says that it is due. do: it is done, and calls drop."},
    {.path = "spec.isdnSwitch", .fallback = "null", .nullable = true,
     .text = "A relay that carries ISDN lines to the node that serves. The secondary sets it."},
    {.path = "spec.isdnSwitch.driver", .type = choice, .choices = "berofos", .required = true,
     .text = "The device. berofos: switched by 'bnfos' from the secondary, its devices as "
             "/etc/bnfos.conf has them. Switching drops ISDN calls."},
    {.path = "spec.isdnSwitch.dwell", .type = duration, .fallback = "60s", .at_least = "0s",
     .at_most = "1h",
     .text = "The shortest time between two switchings, so that the relay does not flap."},
    {.path = "spec.isdnSwitch.readCommand", .type = list, .fallback = "[]", .items_max = 64,
     .text = "A program, with its arguments, that prints 1 (A to B: the primary) or 0 (A to D) for "
             "the device that stands in place of {device}. The vendor documents no way to read "
             "it; without a program the position is what Tandem last set."},
    {.path = "spec.isdnSwitch.readCommand[]", .type = text, .secret = true, .length_max = 1024,
     .text = "The program's absolute path first, then one argument each. There is no shell."},
    {.path = "spec.interconnection", .fallback = "null", .nullable = true,
     .text = "XiVO only: where the secondary's contact centre parts find theirs. Only these keys "
             "and IS_HA_SLAVE of /etc/docker/xivo/custom.env are edited. The commands that make "
             "the containers read them are run by `tandem apply --now`, or where changes.allow is "
             "restart."},
    {.path = "spec.interconnection.reportingDbHost", .type = text, .format = Format::host,
     .required = true, .text = "The host of the reporting database."},
    {.path = "spec.interconnection.elasticsearch", .type = text, .format = Format::host,
     .required = true, .text = "The host of Elasticsearch."},
    {.path = "spec.services", .fallback = "null", .nullable = true,
     .text = "Deviations from the product's profile of services; each list given replaces the "
             "profile's."},
    {.path = "spec.services.activate", .type = list, .fallback = "[]", .items_max = 64,
     .text = "The command that makes the secondary serve, with its arguments."},
    {.path = "spec.services.activate[]", .type = text, .secret = true, .length_max = 1024,
     .text = "The program's absolute path first, then one argument each."},
    {.path = "spec.services.deactivate", .type = list, .fallback = "[]", .items_max = 64,
     .text = "The command that makes it stand by again, with its arguments."},
    {.path = "spec.services.deactivate[]", .type = text, .secret = true, .length_max = 1024,
     .text = "The program's absolute path first, then one argument each."},
    {.path = "spec.services.units", .type = list, .fallback = "[]", .unique = true,
     .items_max = 64, .text = "The units that must be active on the node that serves."},
    {.path = "spec.services.units[]", .type = text, .format = Format::unit, .text = "A unit."},
    {.path = "spec.services.essential", .type = list, .fallback = "[]", .unique = true,
     .items_max = 64,
     .text = "The units without which there is no telephony. When the usual way fails they are "
             "started one by one, in this order."},
    {.path = "spec.services.essential[]", .type = text, .format = Format::unit, .text = "A unit."},
    {.path = "spec.hooks",
     .text = "Programs of yours. They run in order, each for a bounded time, and never delay "
             "telephony."},
    {.path = "spec.hooks.afterTakeover", .type = list, .fallback = "[]", .items_max = 16,
     .text = "What runs on the secondary once it serves."},
    {.path = "spec.hooks.afterTakeover[]", .type = list, .items_min = 1, .items_max = 64,
     .text = "A command: the program and its arguments."},
    {.path = "spec.hooks.afterTakeover[][]", .type = text, .secret = true, .length_max = 1024,
     .text = "The program's absolute path first, then one argument each. There is no shell."},
    {.path = "spec.hooks.afterFailback", .type = list, .fallback = "[]", .items_max = 16,
     .text = "What runs on the secondary once it stands by again."},
    {.path = "spec.hooks.afterFailback[]", .type = list, .items_min = 1, .items_max = 64,
     .text = "A command: the program and its arguments."},
    {.path = "spec.hooks.afterFailback[][]", .type = text, .secret = true, .length_max = 1024,
     .text = "The program's absolute path first, then one argument each. There is no shell."},
    {.path = "spec.notify", .type = list, .fallback = "[]", .items_max = 16,
     .text = "Who is told of takeovers, failbacks and what endangers the promise, by the node that "
             "sees it: docs/notifications.md. `tandem notify --test` tries it."},
    {.path = "spec.notify[]", .one_of = true, .text = "One way to tell: mail, webhook or exec."},
    {.path = "spec.notify[].mail", .type = text, .format = Format::mail,
     .text = "A mail address; the local sendmail delivers."},
    {.path = "spec.notify[].webhook", .type = text, .format = Format::https_url, .secret = true,
     .length_max = 1024,
     .text = "A URL that the event is sent to as JSON by POST. Messages never show it, as it "
             "often holds a token."},
    {.path = "spec.notify[].exec", .type = list, .items_min = 1, .items_max = 64,
     .text = "A program, with its arguments, that gets the event as JSON on its standard input."},
    {.path = "spec.notify[].exec[]", .type = text, .secret = true, .length_max = 1024,
     .text = "The program's absolute path first, then one argument each. There is no shell."},
    {.path = "spec.suspend", .fallback = "null", .nullable = true,
     .text = "Suspends the pair: both operators observe and report, and change nothing. Nobody "
             "takes over meanwhile, but the vendor's detector where failover.owner is vendor."},
    {.path = "spec.suspend.reason", .type = text, .required = true,
     .text = "Why, for those who read the status."},
    {.path = "spec.suspend.until", .type = text, .format = Format::time, .required = true,
     .text = "When it ends by itself. An end is mandatory, so that a forgotten suspension does "
             "not leave a node unattended."},
};

}  // namespace

std::span<const Field> pair_rows_first() { return kFirst; }
std::span<const Field> pair_rows_last() { return kLast; }

}  // namespace tandem
