// A resource as the loop sees it, whatever its types.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "reconciler/reconcile.h"

namespace tandem {

class Managed {
 public:
  virtual ~Managed() = default;
  virtual std::string_view name() const = 0;
  virtual std::set<std::string> watched(const Goal& goal) const = 0;
  virtual std::set<std::string> watched_units(const Goal& goal) const = 0;
  virtual bool follows_stance() const = 0;
  // The goal has changed; a pass with the old one may be under way.
  virtual void heed(const Goal&) {}
  // `goal` outlives the task.
  virtual Task<Report> reconcile(const Goal& goal, Permission permission) = 0;
};

template <Resource R>
class ManagedAs : public Managed {
 public:
  template <class... Arguments>
  explicit ManagedAs(Arguments&&... arguments) : resource_(std::forward<Arguments>(arguments)...) {}

  std::string_view name() const override { return R::name; }
  std::set<std::string> watched(const Goal& goal) const override { return R::watched(goal); }
  std::set<std::string> watched_units(const Goal& goal) const override {
    if constexpr (requires { R::watched_units(goal); }) return R::watched_units(goal);
    return {};
  }
  bool follows_stance() const override {
    if constexpr (requires { R::follows_stance; }) return R::follows_stance;
    return false;
  }
  void heed(const Goal& goal) override {
    if constexpr (requires(R & resource) { resource.heed(goal); }) resource_.heed(goal);
  }
  Task<Report> reconcile(const Goal& goal, Permission permission) override {
    return tandem::reconcile(resource_, goal, std::move(permission));
  }

 private:
  R resource_;
};

}  // namespace tandem
