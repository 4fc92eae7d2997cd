// Trees on this host, under one root.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "ports/rooted_path.h"
#include "ports/trees.h"

namespace tandem {

// A look happens on a thread of its own, which a disk that does not answer may hold for ever: it is
// given up on after `patience`, and there is no further look until it has come back.
class RealTrees : public Trees {
 public:
  static constexpr std::chrono::seconds kPatience{120};

  RealTrees(boost::asio::any_io_executor executor, const std::string& root,
            std::chrono::milliseconds patience = kPatience)
      : executor_(std::move(executor)), root_(root), patience_(patience) {}

  Task<Result<std::optional<TreeLook>>> look(Tree tree) override;
  Result<std::unique_ptr<TreeWatch>> watch(const std::vector<Tree>& trees) override;

 private:
  struct Looking;

  static void begin(const std::shared_ptr<Looking>& looking, Root root, Tree tree);

  boost::asio::any_io_executor executor_;
  Root root_;
  std::chrono::milliseconds patience_;
  std::weak_ptr<Looking> under_way_;  // held by its thread
};

}  // namespace tandem
