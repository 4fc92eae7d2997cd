// provd's plugins: a folder each where they are installed, and a catalogue of those that can be.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tests/wazo_sim/json_text.h"

namespace tandem::wazo_sim {

class ProvdPlugins {
 public:
  explicit ProvdPlugins(std::filesystem::path directory) : directory_(std::move(directory)) {}

  bool is_installed(const std::string& name) const;
  bool is_in_catalogue(const std::string& name) const;
  void install(const std::string& name);
  void uninstall(const std::string& name);

  // The bodies of the three lists.
  Json installed() const;
  Json installable() const;
  Json loaded() const;

 private:
  std::vector<std::string> names() const;

  std::filesystem::path directory_;
};

}  // namespace tandem::wazo_sim
