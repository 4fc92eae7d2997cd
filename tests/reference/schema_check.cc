#include "tests/reference/schema_check.h"

#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

namespace tandem {

struct SchemaCheck::Parts {
  valijson::Schema schema;
};

SchemaCheck::SchemaCheck(const std::string& schema_text) : parts_(std::make_unique<Parts>()) {
  const auto json = nlohmann::json::parse(schema_text);
  valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
  parser.populateSchema(valijson::adapters::NlohmannJsonAdapter(json), parts_->schema);
}

SchemaCheck::~SchemaCheck() = default;

std::string SchemaCheck::problems(const nlohmann::json& document) const {
  valijson::Validator validator(valijson::Validator::kStrongTypes);
  valijson::ValidationResults results;
  if (validator.validate(parts_->schema, valijson::adapters::NlohmannJsonAdapter(document),
                         &results))
    return "";
  std::string lines;
  for (valijson::ValidationResults::Error error; results.popError(error);) {
    for (const auto& part : error.context) lines += part;
    lines += ": " + error.description + "\n";
  }
  return lines;
}

}  // namespace tandem
