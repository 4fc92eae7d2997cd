#include "reference/files.h"

#include "core/failover_words.h"
#include "core/fields.h"
#include "reconciler/failover/explanations.h"
#include "reference/pages.h"
#include "reference/schema.h"

namespace tandem {
namespace {

constexpr std::string_view kPairIntro =
    "A complete file with every default is [pair.example.yaml](../../manifests/pair.example.yaml); "
    "editors that know JSON Schema take "
    "[pair.schema.json](../../manifests/schema/pair.schema.json). "
    "The same text on a terminal: `tandem explain spec.FIELD`.";

constexpr std::string_view kOperatorIntro =
    "A complete file is [operator.example.yaml](../../manifests/operator.example.yaml), its schema "
    "[operator.schema.json](../../manifests/schema/operator.schema.json). On a terminal: "
    "`tandem explain OperatorConfig.spec.FIELD`.";

std::string schema_text(const FieldTree& kind, std::string_view file, std::string_view title) {
  const std::string id = "https://tandem.ha/schema/v1alpha1/" + std::string(file);
  return json_schema(kind, id, title).dump(2) + "\n";
}

}  // namespace

std::vector<GeneratedFile> generated_files() {
  return {
      {"docs/reference/hapair.md", kind_page(pair_fields(), kPairKind, kPairIntro)},
      {"docs/reference/operator.md", kind_page(operator_fields(), kOperatorKind, kOperatorIntro)},
      {"docs/reference/metrics.md", metrics_page()},
      {"docs/products.md", products_page()},
      {"manifests/schema/pair.schema.json",
       schema_text(pair_fields(), "pair.schema.json", "Tandem HAPair")},
      {"manifests/schema/operator.schema.json",
       schema_text(operator_fields(), "operator.schema.json", "Tandem OperatorConfig")},
  };
}

std::vector<GeneratedPart> generated_parts() {
  return {{"docs/failover.md", words_markdown() + "\n" + transitions_markdown()}};
}

std::optional<std::string> with_part(const std::string& page, const GeneratedPart& part) {
  const auto begins = page.find(kPartBegins);
  const auto ends = page.find(kPartEnds);
  if (begins == std::string::npos || ends == std::string::npos || ends < begins)
    return std::nullopt;
  const auto from = begins + std::string_view(kPartBegins).size();
  return page.substr(0, from) + "\n" + part.text + "\n" + page.substr(ends);
}

}  // namespace tandem
