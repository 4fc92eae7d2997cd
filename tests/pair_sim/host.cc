#include "tests/pair_sim/host.h"

#include <algorithm>
#include <cstdlib>

namespace tandem::sim {

std::string_view command_name(Command command) {
  switch (command) {
    case Command::none: return "nothing";
    case Command::start: return "start";
    case Command::start_parts: return "start by parts";
    case Command::stop: return "stop";
    case Command::restart: return "restart";
    case Command::upgrade: return "upgrade";
  }
  std::abort();  // unreachable: -Wswitch keeps the list complete
}

Host::Host(Duration start_time, Duration stop_time, Duration boot_time, bool standing_by)
    : start_time_(start_time),
      stop_time_(stop_time),
      boot_time_(boot_time),
      marker_(standing_by),
      asterisk_(!standing_by),
      others_(!standing_by) {}

bool Host::begin(Command command, Instant now, Duration lasts) {
  if (!is_up_ || command_ != Command::none) return false;
  command_ = command;
  phase_ = 0;
  switch (command) {
    case Command::none: return true;
    // The vendor's script removes its marker first, so that a reboot in the middle serves.
    case Command::start:
    case Command::start_parts:
      marker_ = false;
      ends_at_ = now + start_time_;
      break;
    case Command::stop:
      marker_ = true;
      ends_at_ = now + stop_time_;
      break;
    case Command::restart:
    case Command::upgrade:
      port_blocked_ = true;
      asterisk_ = others_ = false;
      ends_at_ = now + lasts;
      break;
  }
  step_at_ = now + (ends_at_ - now) / 2;
  return true;
}

void Host::step(Instant now) {
  if (!step_at_ || now < *step_at_) return;
  step_at_.reset();
  if (booting_) return come_up(now);
  if (command_ == Command::none) return;
  if (phase_ == 0) {
    phase_ = 1;
    // Asterisk comes and goes in the middle of its command.
    if (command_ == Command::start && broken.starts == 0) asterisk_ = true;
    if (command_ == Command::start_parts && broken.parts == 0) asterisk_ = true;
    if (command_ == Command::stop && broken.stops == 0) asterisk_ = false;
    step_at_ = ends_at_;
    return;
  }
  finish(now);
}

void Host::finish(Instant now) {
  const Command done = command_;
  command_ = Command::none;
  switch (done) {
    case Command::none: break;
    case Command::start: others_ = true; break;
    case Command::start_parts:
      others_ = true;
      port_blocked_ = false;
      break;
    case Command::stop:
      if (broken.stops == 0) asterisk_ = others_ = false;
      break;
    case Command::restart:
    case Command::upgrade:
      // Both end with a start of everything, on a node that stood by as well.
      port_blocked_ = false;
      begin(Command::start, now);
      break;
  }
}

void Host::power_off() {
  is_up_ = booting_ = false;
  asterisk_ = others_ = port_blocked_ = false;
  command_ = Command::none;
  step_at_.reset();
}

void Host::power_on(Instant now) {
  if (is_up_ || booting_) return;
  booting_ = true;
  step_at_ = now + boot_time_;
}

void Host::come_up(Instant now) {
  booting_ = false;
  is_up_ = true;
  up_since_ = now;
  ++boots_;
  if (!marker_) begin(Command::start, now);
}

void Host::crash_asterisk() {
  // What a command is about to start is not there yet to crash.
  if (command_ == Command::none) asterisk_ = false;
}

bool Host::is_starting() const {
  return command_ == Command::start || command_ == Command::start_parts;
}

ServiceTrouble Host::trouble() const {
  if (command_ != Command::none && command_ != Command::stop) return ServiceTrouble::restarting;
  if (!asterisk_runs()) return ServiceTrouble::failed;
  return ServiceTrouble::unknown;
}

}  // namespace tandem::sim
