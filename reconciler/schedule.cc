#include "reconciler/schedule.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tandem {

std::vector<std::string_view> order_of(Role role, Product product) {
  // What the old role does by itself ends first, what the new one does begins last; in between,
  // after-role-change still sees what the node was. A resource that is not named here only
  // observes, and comes after them all.
  if (role == Role::primary && product == Product::wazo)
    return {"sentinels",      "after-role-change", "postgres-access", "registrars",
            "sip-expiry",     "ha-conf",           "probe-allowed",   "services",
            "cc-replication", "isdn-switch",       "sync-key",        "cron-files"};
  return {"cron-files",      "after-role-change", "registrars",    "sip-expiry",
          "postgres-access", "ha-conf",           "probe-allowed", "services",
          "cc-replication",  "isdn-switch",       "sync-key",      "sentinels"};
}

Schedule::Schedule(std::vector<std::string> names) {
  for (std::string& name : names) {
    Job job;
    job.name = std::move(name);
    jobs_.push_back(std::move(job));
  }
}

Schedule::Job* Schedule::find(std::string_view name) {
  const auto at =
      std::find_if(jobs_.begin(), jobs_.end(), [&](const Job& job) { return job.name == name; });
  return at == jobs_.end() ? nullptr : &*at;
}

void Schedule::wake(std::string_view name, Instant now) {
  Job* job = find(name);
  if (job == nullptr) return;
  job->backoff.reset();
  job->again = job->running;
  if (!job->running) job->due = std::max(now, job->last + kGap);
}

void Schedule::wake_all(Instant now) {
  for (const Job& job : jobs_) wake(job.name, now);
}

void Schedule::postpone(std::size_t index, Instant until) {
  jobs_[index].due = std::max(jobs_[index].due, until);
  jobs_[index].postponed = true;
}

void Schedule::release(Instant now) {
  for (Job& job : jobs_)
    if (std::exchange(job.postponed, false)) job.due = now;
}

void Schedule::new_goal(Instant now) {
  if (all_tried()) order_.clear();  // else the order of a change of role is still to be kept
  ++goal_;
  wake_all(now);
}

void Schedule::new_role(const Goal& goal, Instant now) {
  new_goal(now);
  order_ = order_of(goal.role, goal.product);
}

std::uint64_t Schedule::order(Reach allow, Instant now) {
  ++orders_;
  for (Job& job : jobs_) job.ordered = allow;
  wake_all(now);
  return orders_;
}

bool Schedule::order_done(std::uint64_t ticket) const {
  return std::all_of(jobs_.begin(), jobs_.end(),
                     [&](const Job& job) { return job.order_tried >= ticket; });
}

// Whether all that come before it in the role's order have been tried with this goal.
bool Schedule::turn_of(const Job& job) const {
  for (const std::string_view name : order_) {
    if (name == job.name) return true;
    const auto before = std::find_if(jobs_.begin(), jobs_.end(),
                                     [&](const Job& other) { return other.name == name; });
    if (before != jobs_.end() && before->goal_tried != goal_) return false;
  }
  return true;  // a resource without a place in the order
}

// They looked while this one had not acted yet.
void Schedule::look_once_more_after(const Job& job, Instant now) {
  const auto place = std::find(order_.begin(), order_.end(), job.name);
  for (Job& other : jobs_) {
    if (place == order_.end() || std::find(place + 1, order_.end(), other.name) == order_.end())
      continue;
    other.goal_tried = 0;
    other.again = other.running;
    if (!other.running) other.due = std::max(now, other.last + kGap);
  }
}

std::optional<std::size_t> Schedule::startable(Instant now) const {
  for (std::size_t i = 0; i < jobs_.size(); ++i) {
    const Job& job = jobs_[i];
    if (!job.running && job.due <= now) return i;
  }
  return std::nullopt;
}

Permission Schedule::permission(std::size_t index, Permission permission, Instant now) const {
  const Job& job = jobs_[index];
  if (!permission.act) return permission;
  if (job.ordered) {
    permission.allow = std::max(permission.allow, *job.ordered);
    permission.requested = *job.ordered == Reach::telephony;
    return permission;
  }
  if (now < job.limit.next_repair(now)) {
    permission.act = false;
    permission.outcome_if_not = Outcome::contested;
    permission.why_not = fmt::format(
        "repaired {} times in 10 minutes and undone each time; the next repair waits for a minute "
        "since the last",
        job.limit.repairs_in_window(now));
  }
  return permission;
}

void Schedule::started(std::size_t index) {
  Job& job = jobs_[index];
  job.running = true;
  job.again = job.postponed = false;
  job.goal_started = goal_;
  job.order_started = orders_;
  job.ordered.reset();
}

void Schedule::finished(std::size_t index, const Report& report, Instant now) {
  Job& job = jobs_[index];
  // What a new goal asks for is no repair of what somebody undid.
  const bool undone = job.goal_tried == job.goal_started;
  const bool in_order = job.goal_tried != goal_ && job.goal_started == goal_;
  job.running = false;
  job.last = now;
  job.goal_tried = job.goal_started;
  job.order_tried = job.order_started;
  if (!report.done.empty()) {
    if (undone) job.limit.repaired(now);
    const Change& change = report.done.front();
    job.evidence = fmt::format("{} was found as {}", change.field, change.from);
    if (in_order) look_once_more_after(job, now);
  }
  if (report.outcome == Outcome::failed) {
    // Only a look tells that the unseen part is there again: it comes as often as ever.
    const Instant::duration period = kPeriod;
    const Instant::duration wait = job.backoff.failed();
    job.due = now + (report.seen_in_part ? std::min(wait, period) : wait);
  } else {
    job.backoff.reset();
    job.due = now + kPeriod;
  }
  if (report.outcome == Outcome::contested) job.due = std::min(job.due, job.limit.next_repair(now));
  if (job.again || job.goal_tried != goal_ || job.ordered) job.due = now + kGap;
}

Instant Schedule::next_due() const {
  Instant next = Instant::max();
  for (const Job& job : jobs_)
    if (!job.running) next = std::min(next, job.due);
  return next;
}

bool Schedule::any_running() const {
  return std::any_of(jobs_.begin(), jobs_.end(), [](const Job& job) { return job.running; });
}

bool Schedule::tried(std::size_t index) const {
  return goal_ > 0 && jobs_[index].goal_tried == goal_;
}

bool Schedule::all_tried() const {
  return std::all_of(jobs_.begin(), jobs_.end(),
                     [&](const Job& job) { return goal_ > 0 && job.goal_tried == goal_; });
}

std::vector<Schedule::Contest> Schedule::contests(Instant now) const {
  std::vector<Contest> all;
  for (const Job& job : jobs_)
    if (job.limit.contested(now))
      all.push_back({job.name, job.limit.repairs_in_window(now), job.evidence});
  return all;
}

}  // namespace tandem
