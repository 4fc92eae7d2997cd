#include "core/failover_words.h"

#include <fmt/format.h>

#include <cctype>

#include "core/failover.h"

namespace tandem {
namespace {

constexpr FailoverWord kStates[] = {
    {"Off", "a state of either node",
     "The node is in no pair: none is in force here, or high availability is off.",
     "Nothing, if it is meant so; else `tandem status`."},
    {"Rejoining", "a state of either node",
     "The node has just started, or has come out of another state, and looks at what runs here "
     "before it says what it is.",
     "Nothing: it lasts some seconds; after a failback that was cut short up to "
     "`deactivationTimeout`. If it stays, its services can not be read: `tandem why`."},
    {"Standby", "a state of the secondary",
     "The node stands by, and the primary serves. The ordinary state.", "Nothing."},
    {"Suspect", "a state of the secondary",
     "The primary does not serve, as far as is heard, and the confirm time runs. It ends in a "
     "takeover, or goes back to Standby once the primary has answered three times.",
     "`tandem why` tells what it still waits for. If it returns often, look at the network: "
     "`tandem get probes`."},
    {"Isolated", "a state of the secondary",
     "No witness answers either, or the own link is down: this node is cut off, and takes nothing "
     "over.",
     "Mend this node's own network: cable, switch, gateway."},
    {"Activating", "a state of the secondary", "A takeover: the services are being started here.",
     "Nothing; `tandem get resources services` shows how far it is."},
    {"Active", "a state of the secondary",
     "This node serves in the primary's place, and the primary does not answer, or the failback is "
     "held back.",
     "Mend the primary. Where the takeover was ordered, `tandem failback --reason REASON`; where "
     "another hand "
     "started the services, `tandem ack --reason REASON` or `tandem failback --reason REASON`."},
    {"FailbackHold", "a state of the secondary",
     "The primary answers SIP again and is watched for `failback.hold` while this node goes on "
     "serving.",
     "Nothing; `tandem why` tells how long it still takes."},
    {"Latched", "a state of the secondary",
     "The primary came back and failed too often: this node goes on serving and gives nothing back "
     "by itself.",
     "Mend the primary, then `tandem ack --reason REASON`."},
    {"Deactivating", "a state of the secondary", "A failback: the services are being stopped here.",
     "Nothing."},
    {"Faulted", "a state of the secondary",
     "The services did not start, or did not stop, in their time. A start is tried again for as "
     "long as the primary does not serve.",
     "`tandem get resources services` and `systemctl --failed`; then `tandem ack --reason "
     "REASON`."},
    {"Maintenance", "a state of either node",
     "An order took the node out of service until its end: a secondary takes nothing over, a "
     "primary is announced to be away.",
     "Work on it; `tandem maintenance --end --reason REASON` ends it before."},
    {"Serving", "a state of the primary", "SIP answers here. The ordinary state.", "Nothing."},
    {"Degraded", "a state of the primary",
     "The primary's own SIP has been silent for 15 s. It stops nothing for that; the secondary "
     "decides whether it takes over.",
     "See to Asterisk: `tandem get conditions -o wide`, `systemctl status asterisk`."},
};
static_assert(std::size(kStates) == kNodeStates);

constexpr FailoverWord kVerdicts[] = {
    {"Unknown", "a verdict on the primary",
     "The primary can not be asked: nothing follows from it.",
     "`tandem get probes` tells what is not asked, and why."},
    {"Serving", "a verdict on the primary",
     "The primary answers SIP, or its operator vouches for it.", "Nothing."},
    {"ServiceDown", "a verdict on the primary",
     "The primary's host answers, and its SIP service does not.",
     "See to Asterisk on the primary."},
    {"HostDown", "a verdict on the primary",
     "Nothing of the primary answers, on any path, and this node is not cut off.",
     "See to the primary's host."},
    {"Isolated", "a verdict on the primary", "This node hears nobody: it is cut off itself.",
     "Mend this node's own network."},
    {"Maintenance", "a verdict on the primary",
     "The primary announced that it is out of service for a time.", "Nothing until its end."},
};
static_assert(std::size(kVerdicts) == kPrimaryVerdicts);

constexpr FailoverWord kOthers[] = {
    {"epoch", "",
     "A number that grows with each takeover of the secondary; events and takeovers carry it. A "
     "failback does not change it.",
     "Nothing: it tells which takeover an event belongs to."},
    {"verdict", "", "What the secondary holds of the primary, by the evidence of the probes.",
     "`tandem status` shows it with its reason."},
    {"confirm time", "",
     "How long a verdict must last before it counts: `confirmHostDown`, `confirmServiceDown`.",
     "`tandem why` tells how long it still takes."},
    {"guard", "", "What must hold before a takeover or a failback.",
     "`tandem why` lists each with its value."},
    {"hold", "",
     "`failback.hold`: for how long the primary must have answered SIP before it gets the service "
     "back. Also said of an ordered takeover, which only an order ends.",
     "Wait; or, where an order holds it, `tandem failback --reason REASON`."},
    {"latch", "",
     "The failback that would be number `flapping.maxTakeovers` within `flapping.window` waits for "
     "a person.",
     "Mend the primary, then `tandem ack --reason REASON`."},
    {"witness", "",
     "A third address that answers ping: where it is silent too, this node is cut off, and the "
     "primary not dead.",
     "Declare some that always answer in `spec.failover.witnesses`."},
    {"bound", "", "How long a phone may be without telephony when the primary dies.",
     "Compare with `objectives.maxDowntime`: `DowntimeObjectiveMet`."},
};

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

}  // namespace

std::span<const FailoverWord> state_words() { return kStates; }

std::string_view meaning_of(NodeState state) {
  return state_words()[static_cast<std::size_t>(state)].means;
}

std::string_view todo_of(NodeState state) {
  return state_words()[static_cast<std::size_t>(state)].todo;
}
std::span<const FailoverWord> verdict_words() { return kVerdicts; }
std::span<const FailoverWord> other_words() { return kOthers; }

std::string title_of(const FailoverWord& word) {
  return word.kind.empty() ? std::string(word.name) : fmt::format("{}: {}", word.name, word.kind);
}

std::vector<const FailoverWord*> words_named(std::string_view name) {
  std::vector<const FailoverWord*> found;
  for (const auto words : {state_words(), verdict_words(), other_words()})
    for (const FailoverWord& word : words)
      if (lower(word.name) == lower(name)) found.push_back(&word);
  return found;
}

std::string words_markdown() {
  std::string text = "### States\n\n| state | of | means | do |\n|---|---|---|---|\n";
  for (const FailoverWord& word : kStates)
    text += fmt::format("| `{}` | {} | {} | {} |\n", word.name,
                        word.kind.substr(word.kind.find(" of ") + 4), word.means, word.todo);
  text += "\n### Verdicts on the primary\n\n| verdict | means | do |\n|---|---|---|\n";
  for (const FailoverWord& word : kVerdicts)
    text += fmt::format("| `{}` | {} | {} |\n", word.name, word.means, word.todo);
  text += "\n### Other words\n\n| word | means | do |\n|---|---|---|\n";
  for (const FailoverWord& word : kOthers)
    text += fmt::format("| {} | {} | {} |\n", word.name, word.means, word.todo);
  return text;
}

}  // namespace tandem
