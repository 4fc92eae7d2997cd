// The vendor's commands that change the services: how they are run, what they give way to, and when
// they have done what they should.
//
// A command that hangs must keep nothing else waiting. It has the time that the declaration gives
// to a start or a stop, and is ended where it is the contrary of what the node should be by now; a
// start that takes long may go on beside another try that starts the services one by one.
#include "ports/task.h"
// keep the order
#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "core/wording.h"
#include "resources/services.h"

namespace tandem {

using namespace services;
using enum Services::Step::Verb;

namespace {

Error command_error(const Services::Step& step, const CommandOutcome& outcome) {
  const std::string how = outcome.signal != 0
                              ? fmt::format("was ended by signal {}", outcome.signal)
                              : fmt::format("ended with status {}", outcome.exit_status);
  std::string said = last_foreign_line(outcome.errors.empty() ? outcome.output : outcome.errors);
  constexpr std::size_t kSaidMax = 200;
  if (said.size() > kSaidMax) {
    said.resize(kSaidMax);
    said.append("...");
  }
  // What a declared command prints may hold what its arguments hold.
  if (said.empty() || step.want.secret_commands) said = "`systemctl --failed` names what failed";
  return {Fault::unavailable,
          fmt::format("{} {}, and the node is not as wanted: {}", step.shown, how, said)};
}

}  // namespace

// Marks the end also where a command is dropped with everything that waits.
class Services::AtEnd {
 public:
  explicit AtEnd(std::shared_ptr<UnderWay> command) : command_(std::move(command)) {}
  AtEnd(const AtEnd&) = delete;
  AtEnd& operator=(const AtEnd&) = delete;
  ~AtEnd() { command_->done = true; }

  void tell(std::exception_ptr thrown) const {
    command_->thrown = thrown;
    command_->done = true;
    command_->changed->notify();
  }

 private:
  std::shared_ptr<UnderWay> command_;
};

void Services::heed(const Goal& goal) {
  if (goal.by_parts && !by_parts_) ++by_parts_asked_;
  stance_ = goal.stance;
  by_parts_ = goal.by_parts;
  count_calls_ = goal.count_calls;
  if (under_way_) under_way_->changed->notify();
}

// What the node should be by now is the contrary of what the step makes of it. As long as nothing
// is wanted a start may end as it was meant; a stop may not.
bool Services::is_contrary(const Step& step) const {
  if (!stance_) return false;
  return step.verb == stand_by ? *stance_ != Stance::standing_by : *stance_ == Stance::standing_by;
}

bool Services::gives_way(const Step& step, int asked_before, Instant since) const {
  if (is_contrary(step)) return true;
  if (step.verb == stand_by) return false;
  if (by_parts_ && (!step.want.by_parts || by_parts_asked_ != asked_before)) return true;
  const bool patient = !step.want.count_calls && !count_calls_;
  return !patient && ports_.clock.now() - since >= kPatience;
}

Task<Status> Services::apply(const Step& step) {
  if (step.verb == await_answer) {
    const Status answered = co_await ask_until_answered(step);
    co_return answered;
  }
  // The goal has changed since the look.
  if (is_contrary(step)) co_return Error{Fault::cancelled, step.shown + ": is not wanted any more"};
  if (step.verb == restart) local_restarts_.push_back(ports_.clock.now());
  const bool joins = under_way_ && !under_way_->done && under_way_->argv == step.argv;
  const Instant now = ports_.clock.now();
  if (!joins && step.argv == failed_ && !failed_.empty() && now - failed_at_ < kCommandPause)
    co_return failure_;
  const Status free = co_await make_way(step);
  if (!free.ok()) co_return free;
  if (step.verb == serve_by_parts) {
    const Status started = co_await start_by_parts(step);
    co_return started;
  }
  auto command = under_way_;
  if (!command || command->done || command->argv != step.argv) command = co_await begin(step);
  const Status done = co_await follow(std::move(command), step);
  co_return done;
}

// Never two commands that fight: a stop ends before anything is started, and a start before the
// node is stopped, also one that an earlier operator began. The very same is not ended but waited
// for, and a start of everything may go on beside one of the parts.
Task<Status> Services::make_way(const Step& step) {
  const bool whole = step.verb == serve || step.verb == serve_by_parts || step.verb == stand_by;
  const bool fights =
      under_way_ && !under_way_->done && under_way_->stops != (step.verb == stand_by);
  if (!whole && !fights) co_return success();
  std::vector<std::string> kept =
      step.verb == stand_by ? step.want.groups.stand_by : step.want.groups.serve;
  const Status ended = co_await end_all_but(std::move(kept));
  // Where nothing is known to fight, telephony does not wait for somebody to tell.
  co_return fights ? ended : success();
}

Task<Status> Services::end_all_but(std::vector<std::string> kept) {
  Command command;
  command.argv = std::move(kept);
  command.job = kJob;
  const auto mine = under_way_;
  const bool goes = mine && !mine->done && mine->argv != command.argv;
  const Status ended = co_await ports_.commands.end_job(std::move(command));
  if (!ended.ok()) co_return ended;
  const Instant limit = ports_.clock.now() + kEndLimit;
  while (goes && !mine->done && ports_.clock.now() < limit)
    co_await ports_.clock.wait(*mine->changed, limit);
  if (!goes || mine->done) co_return success();
  co_return Error{Fault::timed_out, mine->argv.front() + ": was ended, and still runs"};
}

Task<std::shared_ptr<Services::UnderWay>> Services::begin(const Step& step) {
  auto command = std::make_shared<UnderWay>();
  command->argv = step.argv;
  command->stops = step.verb == stand_by;
  command->begun = ports_.clock.now();
  const Duration time = command->stops ? step.want.stop_limit : step.want.start_limit;
  command->limit = command->begun + time + kEndLimit;
  command->changed = ports_.clock.make_signal();
  under_way_ = command;
  const auto at_end = std::make_shared<AtEnd>(command);
  const auto executor = co_await boost::asio::this_coro::executor;
  boost::asio::co_spawn(executor, carry_out(command, step),
                        [at_end](std::exception_ptr thrown) { at_end->tell(thrown); });
  co_return command;
}

Task<void> Services::carry_out(std::shared_ptr<UnderWay> command, Step step) {
  const Status done = co_await run_command(step);
  command->result = done;
}

// Until it has ended, or has to give way. A start that does not come as far as Asterisk is helped:
// it starts the units in their order, and waits for each.
Task<Status> Services::follow(std::shared_ptr<UnderWay> command, const Step& step) {
  const int asked = by_parts_asked_;
  const Instant since = ports_.clock.now();
  while (!command->done && ports_.clock.now() < command->limit) {
    if (gives_way(step, asked, since)) {
      const Status left = co_await give_way(step);
      co_return left;
    }
    Instant next = command->limit;
    if (step.verb == serve && !command->looked) next = command->begun + kStartLimit;
    if (step.want.count_calls || count_calls_) next = std::min(next, since + kPatience);
    if (next > ports_.clock.now()) {
      co_await ports_.clock.wait(*command->changed, next);
    } else {
      command->looked = true;
      co_await start_if_not_begun(step, *command);
    }
  }
  co_return conclude(step, *command);
}

Status Services::conclude(const Step& step, const UnderWay& command) {
  if (command.thrown) std::rethrow_exception(command.thrown);
  Status done = Error{Fault::timed_out, step.shown + ": still runs, though its time is over"};
  if (command.result) done = *command.result;
  failed_.clear();
  if (!done.ok()) {
    failed_ = step.argv;
    failure_ = done.error();
    failed_at_ = ports_.clock.now();
  }
  return done;
}

Task<Status> Services::give_way(const Step& step) {
  if (!is_contrary(step))
    co_return Error{Fault::timed_out, step.shown + ": still runs, and is not waited for"};
  std::vector<std::string> none;
  const Status ended = co_await end_all_but(std::move(none));
  if (!ended.ok()) co_return ended;
  co_return Error{Fault::cancelled, step.shown + ": was ended, since it is not wanted any more"};
}

// One transaction, as long as RFC 3261 lets one be.
Task<Status> Services::ask_until_answered(const Step& step) {
  SipQuestion question;
  question.own = question.address = step.want.own_address;
  question.port = step.want.sip_port;
  question.limit = kAnswerLimit;
  question.patient = true;
  const auto answer = co_await ports_.sip.options(std::move(question));
  if (!answer.ok()) co_return in_context("this node's own SIP", answer.error());
  last_answer_ = Answer::yes;
  answered_at_ = ports_.clock.now();
  co_return success();
}

// What counts is how the node is afterwards. The vendor's start ends with 1 at the first unit that
// does not come up, and with 0 while Asterisk still loads.
Task<Status> Services::run_command(const Step& step) {
  Command command;
  command.argv = step.argv;
  command.deadline = step.verb == stand_by ? step.want.stop_limit : step.want.start_limit;
  command.job = kJob;
  const auto outcome = co_await ports_.commands.run(std::move(command));
  if (outcome.ok() && outcome.value().succeeded()) co_return success();
  const bool effective = co_await has_taken_effect(step);
  if (effective) co_return success();
  if (!outcome.ok()) co_return in_context(step.shown, outcome.error());
  co_return command_error(step, outcome.value());
}

Task<bool> Services::has_taken_effect(const Step& step) {
  if (step.verb != serve && step.verb != stand_by) co_return false;
  Observed seen;
  const auto names = step.want.groups.telephony;
  seen.units = co_await ports_.units.states(names);
  if (!seen.units.ok()) co_return false;
  const auto needed = installed(seen, step.want.groups, names);
  co_return step.verb == stand_by ? all_down(seen, needed) : all_up(seen, needed);
}

}  // namespace tandem
