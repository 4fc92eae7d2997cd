#include <fmt/format.h>

#include <algorithm>

#include "pbx/products.h"
#include "reference/pages.h"

namespace tandem {
namespace {

constexpr std::string_view kIntro =
    "<!-- Made by scripts/reference from the table in pbx/products.cc; do not edit. -->\n"
    "# What differs between the products\n"
    "\n"
    "`spec.product` chooses a column. All paths are meant under the operator's `root`. How each "
    "value is known:\n"
    "\n"
    "| word | meaning |\n"
    "|---|---|\n"
    "| observed | seen on the product, or on its services run |\n"
    "| read | in the vendor's published sources |\n"
    "| documented | the vendor's documentation says so; **unverified** |\n"
    "| assumed | nothing says so, it is as on the other product; **unverified** |\n"
    "\n"
    "No XiVO node could be looked at: what is unverified there is to be checked on the first one. "
    "`tandem doctor -o wide` lists it, and `tandem plan` shows what would be done before anything "
    "is.\n";

std::string how_known(const ProductFact& fact) {
  const std::string mark = is_verified(fact.proof) ? "" : "**unverified**, ";
  return fmt::format("{}{}: {}", mark, proof_name(fact.proof), fact.source);
}

// A value with a `|` or a backquote would break its cell; no path or command has one.
std::string value_cell(const ProductFact& fact) {
  if (fact.value == "none") return "none";
  std::string cell;
  for (std::size_t at = 0; at <= fact.value.size();) {
    const std::size_t end = std::min(fact.value.find(", ", at), fact.value.size());
    if (!cell.empty()) cell += "<br>";
    cell += "`" + fact.value.substr(at, end - at) + "`";
    at = end + 2;
  }
  return cell;
}

std::string section(std::string_view title, Product product) {
  std::string text =
      fmt::format("\n## {}\n\n| what | value | how it is known |\n|---|---|---|\n", title);
  for (const ProductFact& fact : product_facts(product))
    text += fmt::format("| {} | {} | {} |\n", fact.what, value_cell(fact), how_known(fact));
  return text;
}

}  // namespace

std::string products_page() {
  return std::string(kIntro) + section("Wazo", Product::wazo) + section("XiVO", Product::xivo);
}

}  // namespace tandem
