// One node in a temporary folder: its files, the stand-in for Wazo's services, and the operator,
// which can be held still, killed and started.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "tests/end_to_end/crash/child.h"
#include "tests/end_to_end/crash/declaration.h"
#include "tests/ports/temporary_folder.h"

namespace tandem::crash {

using Json = nlohmann::json;
using Dice = std::mt19937;

// Whatever the test can not go on with; its message is the report.
[[noreturn]] void fail(const std::string& what);

class CrashNode {
 public:
  CrashNode(std::string tandem, const std::string& wazo_sim, unsigned seed);

  // Puts the text into pair.yaml at once, as an editor that renames does.
  void declare(const Declaration& declaration);

  // The operator. start() returns when it has looked at everything once.
  void start();
  Child& op() { return operator_; }
  // `tandem apply --structural`, in the background.
  Child order();

  // A request to the stand-in's control endpoint.
  Json control(const std::string& method, const std::string& path, const Json& body = {});

  // What is managed, as it is now.
  Facts facts();
  // What it is to be, with the registrars and templates that there are.
  Facts wanted(const Declaration& declaration);

  // Temporary files of killed writes, anywhere.
  std::vector<std::string> leftovers() const;
  // The declaration in force, as the state directory keeps it.
  std::string accepted() const;
  std::int64_t generation() const;  // fails if accepted.json can not be read
  bool in_doubt() const;            // a write was not cleanly answered; fails on a torn list

  std::string managed(const std::string& path) const { return folder_ / ("root" + path); }
  std::string state() const { return folder_ / "tandem"; }
  // The end of the operator's log, for a failure.
  std::string log() const;

 private:
  void write_configuration(const std::string& ports);

  std::string tandem_;
  TemporaryFolder folder_;
  Child services_, operator_;
  std::uint16_t control_port_ = 0;
};

// Until it holds, at most that long.
bool within(int seconds, const std::function<bool()>& holds);

}  // namespace tandem::crash
