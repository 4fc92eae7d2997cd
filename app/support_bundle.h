// What `tandem support-bundle` gathers of a node for whoever is asked for help.
#pragma once

#include <chrono>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/scrub.h"
#include "ports/clock.h"
#include "ports/process.h"

namespace tandem {

// A file of the bundle, and how it is come by; an error where it can not be had.
struct BundlePart {
  std::string name;  // "api/pair.json"
  std::string what;  // a sentence without full stop, for the manifest
  std::function<Result<std::string>()> make;
};

class SupportBundle {
 public:
  static constexpr std::size_t kPartMax = std::size_t{4} << 20U;  // bytes; of more the end is kept
  static constexpr std::size_t kTotalMax = std::size_t{64} << 20U;  // bytes, before compression
  // No part begins later, so that a node that hangs everywhere gives what it gave until then.
  static constexpr std::chrono::minutes kTimeMax{4};

  SupportBundle(const Clock& clock, std::string folder, std::string node)
      : clock_(clock), folder_(std::move(folder)), node_(std::move(node)) {}

  // Makes each part in turn, scrubs it, and adds the manifest: manifest.json tells what each part
  // is, and why one could not be had.
  Result<std::string> pack(const std::vector<BundlePart>& parts, const Scrubber& scrubber);

  // Of the parts that could not be had: "api/pair.json: no operator answers ...".
  const std::vector<std::string>& missing() const { return missing_; }

 private:
  const Clock& clock_;
  std::string folder_, node_;
  std::vector<std::string> missing_;
};

// The output of a program, and its errors where it failed; bounded in time and bytes.
Result<std::string> output_of(Process& programs, std::vector<std::string> argv,
                              std::chrono::milliseconds limit);

}  // namespace tandem
