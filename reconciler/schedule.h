// When each resource is looked at next, and with what permission: due times, backoff, the order of
// a change of role, the limit on contested repairs, orders.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/goal.h"
#include "ports/clock.h"
#include "reconciler/backoff.h"
#include "reconciler/reconcile.h"

namespace tandem {

// The order in which a changed goal reaches the resources. First goes what the old role does by
// itself, last comes what the new role does: the detection needs its sentinel, the copy its cron
// file. A stop anywhere leaves no job of a role that ha.conf does not tell. (The vendor's PUT /ha
// writes ha.conf before it takes the old job away.) XiVO has no sentinel that keeps an old
// detection from acting while requests take their time, so there the cron files go first for every
// role.
std::vector<std::string_view> order_of(Role role, Product product);

class Schedule {
 public:
  static constexpr std::chrono::seconds kPeriod{30};
  static constexpr std::chrono::milliseconds kGap{10};  // between two looks at one resource

  explicit Schedule(std::vector<std::string> names);

  // "Look again": due at once, the backoff starts anew.
  void wake(std::string_view name, Instant now);
  void wake_all(Instant now);
  // Not before `until`, a wake() or release(), whichever comes first.
  void postpone(std::size_t index, Instant until);
  void release(Instant now);

  // A new goal: every resource is due, and all look at once. After a change of role they act in the
  // role's order: only when all before it have been tried with this goal is it a resource's turn to
  // change something. What changed something makes those after it look once more. Otherwise, and in
  // the steady state, none waits for another.
  void new_goal(Instant now);
  void new_role(const Goal& goal, Instant now);

  // An order: every resource is looked at once more, contested or not, with changes up to `allow`.
  // Returns the ticket for order_done().
  std::uint64_t order(Reach allow, Instant now);
  bool order_done(std::uint64_t ticket) const;

  // The next resource to start now, if any. The caller starts it and calls started().
  std::optional<std::size_t> startable(Instant now) const;
  // What the loop's own permission becomes for this resource now.
  Permission permission(std::size_t index, Permission permission, Instant now) const;
  void started(std::size_t index);
  // Whether what runs may begin to change what it found; and whether its goal is not the last any
  // more, so that it must not.
  bool turn_has_come(std::size_t index) const { return turn_of(jobs_[index]); }
  bool is_outdated(std::size_t index) const { return jobs_[index].goal_started != goal_; }
  void finished(std::size_t index, const Report& report, Instant now);

  Instant next_due() const;  // Instant::max() while all are running
  bool any_running() const;
  bool tried(std::size_t index) const;  // at least once with this goal
  bool all_tried() const;

  struct Contest {
    std::string name;
    std::size_t repairs = 0;
    std::string evidence;  // what was found at the last repair
  };
  std::vector<Contest> contests(Instant now) const;

 private:
  struct Job {
    std::string name;
    Instant due = Instant::min();
    Instant last{};
    bool running = false;
    bool again = false;  // woken while it ran
    bool postponed = false;
    std::uint64_t goal_started = 0;
    std::uint64_t goal_tried = 0;
    std::optional<Reach> ordered;  // for the next start
    std::uint64_t order_started = 0;
    std::uint64_t order_tried = 0;
    Backoff backoff;
    RepairLimit limit;
    std::string evidence;
  };

  Job* find(std::string_view name);
  bool turn_of(const Job& job) const;
  void look_once_more_after(const Job& job, Instant now);

  std::vector<Job> jobs_;
  std::vector<std::string_view> order_;
  std::uint64_t goal_ = 0;
  std::uint64_t orders_ = 0;
};

}  // namespace tandem
