// Another program's validator, so that the schemas are judged by somebody else.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

namespace tandem {

class SchemaCheck {
 public:
  explicit SchemaCheck(const std::string& schema_text);
  ~SchemaCheck();

  // What is wrong with `document`, a line each; empty: nothing.
  std::string problems(const nlohmann::json& document) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace tandem
