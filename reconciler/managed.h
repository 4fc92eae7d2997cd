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
  // Its look waits for programs or for the other node: readiness does not wait for it.
  virtual bool looks_afar() const = 0;
  // The goal has changed; a pass with the old one may be under way.
  virtual void heed(const Goal&) {}
  // Somebody wants to know: the next look asks what it would have spared.
  virtual void look_anew() {}
  // `goal` outlives the task. Empty `turn`: it never waits before it acts.
  virtual Task<Report> reconcile(const Goal& goal, Permission permission, Turn turn) = 0;
  Task<Report> reconcile(const Goal& goal, Permission permission) {
    return reconcile(goal, std::move(permission), Turn());
  }
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
  bool looks_afar() const override {
    if constexpr (requires { R::looks_afar; }) return R::looks_afar;
    return false;
  }
  void heed(const Goal& goal) override {
    if constexpr (requires(R & resource) { resource.heed(goal); }) resource_.heed(goal);
  }
  void look_anew() override {
    if constexpr (requires(R & resource) { resource.look_anew(); }) resource_.look_anew();
  }
  using Managed::reconcile;
  Task<Report> reconcile(const Goal& goal, Permission permission, Turn turn) override {
    return tandem::reconcile(resource_, goal, std::move(permission), std::move(turn));
  }

 private:
  R resource_;
};

}  // namespace tandem
