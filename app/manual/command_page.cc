#include <fmt/format.h>

#include "app/command_table.h"
#include "app/completion/completion.h"
#include "app/manual/manual.h"
#include "app/manual/mdoc.h"
#include "core/wording.h"

namespace tandem {
namespace {

constexpr std::string_view kAbout =
    "`tandem` runs on both nodes of a telephony pair. On each it compares what `pair.yaml` "
    "declares with what the node is, "
    "repairs the difference, and goes on doing so; it copies the primary's database and files to "
    "the secondary, detects "
    "that the primary is down, takes over and gives back. Whose failover and replication are, "
    "`spec.failover.owner` and "
    "`spec.replication.owner` say.\n\n"
    "Results go to standard output, messages to standard error. Colour is used on a terminal only.";

struct Meaning {
  std::string_view tag, text;
};

constexpr Meaning kFiles[] = {
    {"/etc/tandem/pair.yaml", "The declaration, the same on both nodes: `tandem-pair.yaml`(5)."},
    {"/etc/tandem/operator.yaml",
     "The operator of this node; may be missing: `tandem-operator.yaml`(5)."},
    {"/etc/tandem/credentials.yaml", "Username and password of the Wazo user, mode 0600."},
    {"/etc/tandem/token", "The token that orders carry; made at the first start."},
    {"/etc/tandem/ssh",
     "The key to the other node and its pinned host key, made by `init`; and `config`, your own, "
     "of ssh_config(5), which `release` leaves."},
    {"/etc/tandem/pki",
     "The certificates of the peer link, made by `pki`; `ca.key` is the authority's."},
    {"/etc/tandem/pgpass", "The password of the database role, the same on both nodes, mode 0600."},
    {"/var/lib/tandem",
     "The last good declaration, the memory of takeovers, the events and what else must last."},
    {"/run/tandem/lock", "Held by the one operator of the node."},
};

constexpr Meaning kExits[] = {
    {"0",
     "Good: nothing to change (`plan`), converged (`apply`), healthy (`status`), all met "
     "(`doctor`), ended by a signal (`run`)."},
    {"1",
     "An error, not converged, not ready, a bad file; an order that was refused or has no effect "
     "yet; a copy that was refused "
     "or failed, a change that was not carried back, a message that did not arrive."},
    {"2",
     "Changes, or an edit that is not in force yet (`plan`), degraded (`status`), something not "
     "met or not known (`doctor`)."},
    {"64", "Wrong usage."},
    {"130", "Cancelled by a signal (`replicate`)."},
};

std::string list(std::span<const Meaning> rows, std::string_view macro) {
  std::string page = ".Bl -tag -width Ds\n";
  for (const Meaning& row : rows)
    page += fmt::format(".It {}{}\n{}", macro, mdoc::argument(row.tag), mdoc::paragraphs(row.text));
  return page + ".El\n";
}

// "Fl o Ar form", "Ar name ..."; of a list of choices each word.
std::string macro_of(const Parameter& parameter) {
  const auto words = split(parameter.choices);
  const std::string choice = fmt::format("Cm {}", fmt::join(words, " | "));
  if (parameter.positional()) {
    std::string what =
        words.empty() ? fmt::format("Ar {}", mdoc::argument(parameter.name)) : choice;
    if (std::holds_alternative<std::vector<std::string> Arguments::*>(parameter.target))
      what += " ...";
    return what;
  }
  const std::string flag(spellings(parameter).front().substr(1));
  if (parameter.value.empty()) return "Fl " + mdoc::argument(flag);
  return fmt::format(
      "Fl {} {}", mdoc::argument(flag),
      words.empty() ? fmt::format("Ar {}", mdoc::argument(parameter.value)) : choice);
}

std::string synopsis(const CommandEntry& command) {
  std::string page = fmt::format(".Nm\n.Op Ar options\n.Cm {}\n", mdoc::argument(command.name));
  for (const Parameter& parameter : command.parameters)
    page += (parameter.required ? "." : ".Op ") + macro_of(parameter) + "\n";
  return page;
}

std::string options(std::span<const Parameter> parameters) {
  std::string page;
  for (const Parameter& parameter : parameters) {
    if (parameter.positional() && parameter.text.empty()) continue;
    std::string tag = macro_of(parameter);
    if (const auto names = spellings(parameter); names.size() > 1)
      tag += " , Fl " + mdoc::argument(names.back().substr(1));
    std::string text(parameter.text);
    if (!parameter.needs.empty()) text += fmt::format("; needs `{}`", parameter.needs);
    page += fmt::format(".It {}\n{}", tag, mdoc::paragraphs(text + "."));
  }
  return page.empty() ? page : ".Bl -tag -width Ds\n" + page + ".El\n";
}

std::string described(const CommandEntry& command) {
  std::string page = fmt::format(".Ss {}\n{}", mdoc::argument(command.name),
                                 mdoc::paragraphs(std::string(command.text) + "."));
  const CommandProse* prose = prose_of(command.name);
  if (prose != nullptr && !prose->text.empty()) page += mdoc::paragraphs(prose->text);
  page += options(command.parameters);
  if (prose != nullptr && !prose->examples.empty())
    page += ".Pp\nFor example:\n" + mdoc::literal(prose->examples);
  return page;
}

std::string environment() {
  std::string page =
      "Flags win over the environment, the environment over the operator file.\n.Bl -tag -width "
      "Ds\n";
  for (const Parameter& parameter : global_parameters())
    if (!parameter.environment.empty())
      page += fmt::format(".It Ev {}\nAs {}.\n", parameter.environment,
                          mdoc::prose(fmt::format("`{}`", parameter.name)));
  return page + ".It Ev NO_COLOR\nNever colour the output.\n.El\n";
}

}  // namespace

std::string command_manual() {
  std::string page = fmt::format(
      ".\\\" Made by scripts/reference from the table of commands; do not edit.\n.Dd {}\n.Dt "
      "TANDEM 1\n.Os\n.Sh NAME\n.Nm "
      "tandem\n.Nd keep a Wazo or XiVO pair in its declared high\\-availability state\n.Sh "
      "SYNOPSIS\n",
      kManualDate);
  for (const CommandEntry& command : command_table()) page += synopsis(command);
  page += ".Sh DESCRIPTION\n" + mdoc::paragraphs(kAbout) + ".Pp\nThe options of every command:\n" +
          options(global_parameters()) + ".Sh COMMANDS\n";
  for (const CommandEntry& command : command_table()) page += described(command);
  page += ".Sh ENVIRONMENT\n" + environment() + ".Sh FILES\n" + list(kFiles, "Pa ") +
          ".Sh EXIT STATUS\n" + list(kExits, "") +
          ".Sh SEE ALSO\n.Xr systemctl 1 ,\n.Xr tandem-operator.yaml 5 ,\n.Xr tandem-pair.yaml 5\n";
  return page;
}

}  // namespace tandem
