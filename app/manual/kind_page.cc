#include <fmt/format.h>

#include "app/manual/manual.h"
#include "app/manual/mdoc.h"
#include "core/field_text.h"

namespace tandem {
namespace {

// Without its full stop, as the name of a page is told.
std::string_view first_sentence(std::string_view text) {
  const auto end = text.find(". ");
  if (end != std::string_view::npos) return text.substr(0, end);
  return text.ends_with('.') ? text.substr(0, text.size() - 1) : text;
}

// The meaning of a field, then what it may be.
std::string about(const FieldTree& tree) {
  std::string page = mdoc::paragraphs(tree.field->text);
  std::string value = type_of(tree);
  if (const auto limits = limits_of(*tree.field); !limits.empty()) value += "; " + limits;
  page += mdoc::paragraphs("It is " + value + ".");
  if (!tree.field->fallback.empty())
    page += mdoc::paragraphs(fmt::format("Default: `{}`.", tree.field->fallback));
  if (tree.field->required) page += "It must be given.\n";
  if (tree.inert) page += mdoc::paragraphs(fmt::format("Effect: {}.", kInertText));
  return page;
}

void add(std::string& page, const FieldTree& tree) {
  for (const FieldTree& child : tree.children) {
    page += fmt::format(".It Li {}\n{}", mdoc::argument(child.field->path), about(child));
    add(page, child);
  }
}

}  // namespace

std::string kind_manual(const FieldTree& kind, std::string_view file, std::string_view title) {
  std::string page = fmt::format(
      ".\\\" Made by scripts/reference from the table of fields; do not edit.\n.Dd {}\n.Dt {} "
      "5\n.Os\n.Sh NAME\n.Nm {}\n.Nd "
      "{}\n.Sh DESCRIPTION\n",
      kManualDate, mdoc::argument(title), mdoc::argument(file),
      mdoc::prose(first_sentence(kind.field->text)));
  page += mdoc::paragraphs(
      fmt::format("The file is YAML, and read strictly: an unknown field, a wrong type, a "
                  "duplicate key or a value out of bounds is an error with "
                  "line and column, all at once: `tandem validate FILE`. The kind is `{}`, the "
                  "version `{}`. On a terminal "
                  "`tandem explain` tells the same of one field.",
                  file == "tandem-pair.yaml" ? kPairKind : kOperatorKind, kApiVersion));
  page += ".Bl -tag -width Ds\n";
  add(page, kind);
  return page + ".El\n.Sh SEE ALSO\n.Xr tandem 1\n";
}

}  // namespace tandem
