// Laid out by hand, as the table of commands is.
// clang-format off
#include <algorithm>

#include "app/manual/manual.h"

namespace tandem {
namespace {

constexpr std::string_view kOrderText =
    "It is carried out once, on the node that it is for, whichever node it is typed on where the two have a peer link. "
    "It needs the operator's token, and its reason is kept with the event.";

constexpr CommandProse kProse[] = {
    {"run",
     "The operator: one on each node, started by the unit `tandem.service` or a container. It goes on until `SIGTERM`, and ends nothing "
     "that runs. `SIGHUP` makes it look at everything at once. The first declaration on a node is only observed until "
     "`tandem apply --structural` puts it in force."},
    {"plan",
     "It observes by itself, needs no running operator, and changes nothing. Each change is shown with why it is wanted and what it "
     "disturbs, then what an edit of `pair.yaml` changes, and who acts on a failure of the primary within what time.",
     "tandem plan\ntandem plan -o json | jq .changes"},
    {"apply",
     "A running operator is asked for the pass; where none runs this command makes it. A structural change is the first declaration, or "
     "another product, name, address, role, owner or `enabled`: it stops the detection or changes who serves, and so it waits for a person.",
     "tandem apply\ntandem apply --structural --reason 'first set-up'\ntandem apply --now --reason 'PostgreSQL may restart'"},
    {"status",
     "Who this node is, what it does, what it hears of the other one, the copies, every resource and every condition; what is not well "
     "comes with its message, and the last line says what to do next. `--watch` shows it anew as it changes, until Ctrl-C.",
     "tandem status\ntandem status --watch\ntandem status -o json"},
    {"doctor",
     "Each prerequisite with what was seen and the command that mends it. It asks everything itself; of a running operator it takes only "
     "what nobody else knows."},
    {"get",
     "Lists as a table, newest last; names after the kind show only these. Probes are the measurements of the other node.",
     "tandem get conditions Ready SecondaryFit\ntandem get events --since 12h\ntandem get events --watch\ntandem get takeovers -o wide"},
    {"why",
     "Each guard of the next transition with its value, its threshold and since when; and one sentence: what would happen now if the "
     "primary died, or why the secondary does not leave yet."},
    {"takeover", kOrderText, "tandem takeover --reason 'pbx-a smells of smoke'"},
    {"failback",
     "The secondary leaves once the primary has answered for the whole hold. It is carried out once, on the node that it is for; where calls are up "
     "it waits for them as `failback.waitForCalls` says.",
     "tandem failback --reason 'repaired'"},
    {"switchover",
     "The secondary is active before the primary stops, and the primary stays down until the end that is given, also after a reboot.",
     "tandem switchover --for 2h --reason 'new memory in pbx-a'"},
    {"suspend",
     "Observe and report, change nothing by itself and take over nothing, on both nodes, until the end that is given. "
     "Orders that would change something (`takeover`, `failback`, `switchover`, `maintenance --take-over`) are refused meanwhile.",
     "tandem suspend --for 1h --reason 'work on the switch'"},
    {"resume", "A suspension that `spec.suspend` declares ends by an edit of `pair.yaml` only.", "tandem resume --reason 'done'"},
    {"maintenance",
     "On the primary: a restart or reboot is announced, and the secondary waits for it, or takes over at once with `--take-over`. On the "
     "secondary: it takes nothing over. `--node NAME` means the other node.",
     "tandem maintenance --for 10m --reason 'kernel'\ntandem maintenance --end --reason 'is back'"},
    {"ack", "What was found is taken for what is wanted: the node goes on from there.", "tandem ack --reason 'looked at it'"},
    {"init",
     "On the primary, once: make the key to the secondary, have it let in there for replication only, and carry the password of the "
     "database role over.",
     "tandem init"},
    {"pki",
     "`init` makes the pair's authority and a certificate for each node, as far as they are not there, and prints the command that gives "
     "the other node its part. `renew` makes new ones for both nodes, where the authority's key is; operators that run take them up.",
     "tandem pki init\ntandem pki renew --days 365"},
    {"replicate",
     "On the primary. It shows how far it is until it has ended; a signal cancels what was ordered, a second one waits no longer. "
     "No option yields the guards that protect a node that serves.",
     "tandem replicate\ntandem replicate database\ntandem replicate --undo --reason 'the import was wrong'"},
    {"divergence",
     "What was changed in the secondary's database while it served, by user and feature, and the rows of other tables. By itself is carried "
     "back only what `spec.replication.harvest.features` names.",
     "tandem divergence\ntandem divergence --apply dnd,forwards"},
    {"resync-devices",
     "On the node that serves: the phones are told at the declared pace, and those that could not be told are listed."},
    {"notify",
     "Lists whom `spec.notify` names, what waits for them and how the last attempt went. With `--test` a message is sent to each; of each "
     "that was not told it is said what to look at.",
     "tandem notify\ntandem notify --test"},
    {"support-bundle",
     "State, events, the probes of the last hour, the declaration, the operator file, the plan, what `doctor` says and the units' logs, in a "
     "tar archive that only its owner reads. Secrets are masked, what could not be had is named in it; it needs no running operator.",
     "tandem support-bundle --out /root/pbx-a.tar.gz"},
    {"health", "For the health checks of a container or a load balancer."},
    {"validate", "All errors are told at once, with line and column.", "tandem validate /etc/tandem/pair.yaml"},
    {"import",
     "It reads the traces of the vendor's set-up. A `pair.yaml` that is there already and agrees with the node is kept; both files are written, or none.",
     "tandem import\ntandem import --write /etc/tandem --peer-name pbx-b"},
    {"release",
     "The vendor's cron jobs come back, our role and schema leave the database, the key to the other node is shut out. Telephony is not touched."},
    {"explain",
     "The type of a field, its default, limits and meaning. `failover` shows the tables by which takeover and failback are decided; a "
     "state, verdict or other word of it tells what it means and what to do about it, and so do a condition and an alert.",
     "tandem explain spec.sip.expiry\ntandem explain OperatorConfig.spec.listen\ntandem explain failover\ntandem explain Suspect\ntandem explain SecondaryFit"},
    {"completion", "Its first lines tell where the script belongs; the package has put it there.",
     "tandem completion bash > /usr/share/bash-completion/completions/tandem"},
    {"version", "And the revision that it was built of."},
    {"help", "The same as `tandem COMMAND --help`."},
};

}  // namespace

std::span<const CommandProse> command_prose() { return kProse; }

const CommandProse* prose_of(std::string_view command) {
  const auto* found = std::find_if(std::begin(kProse), std::end(kProse),
                                   [&](const CommandProse& one) { return one.command == command; });
  return found == std::end(kProse) ? nullptr : found;
}

}  // namespace tandem
