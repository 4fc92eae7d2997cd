// One simulated node as the vendor leaves it: its host, its services, the commands that start and
// stop them. It knows nothing of Tandem.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/failover.h"
#include "ports/clock.h"
#include "tests/pair_sim/scenario.h"

namespace tandem::sim {

enum class Command { none, start, start_parts, stop, restart, upgrade };
std::string_view command_name(Command command);

class Host {
 public:
  Host(Duration start_time, Duration stop_time, Duration boot_time, bool standing_by);

  // The vendor's commands take their time; one at a time. False: another one runs, or no power.
  // `lasts`: of a restart or an upgrade.
  bool begin(Command command, Instant now, Duration lasts = {});
  // To be called at next_step(): a command or a boot goes on.
  void step(Instant now);
  std::optional<Instant> next_step() const { return step_at_; }

  void power_off();
  void power_on(Instant now);
  // Asterisk stops as by a crash; the next start brings it up.
  void crash_asterisk();

  // What is broken, each by as many faults as hold it so.
  struct Broken {
    int asterisk = 0, hangs = 0, answers_badly = 0, starts = 0, parts = 0, stops = 0, units = 0;
  } broken;

  bool is_up() const { return is_up_; }  // it answers ping, and programs run
  Instant up_since() const { return up_since_; }
  std::string boot_id() const { return "boot-" + std::to_string(boots_); }
  bool asterisk_runs() const { return is_up_ && asterisk_ && broken.asterisk == 0; }
  bool answers_sip() const { return asterisk_runs() && broken.hangs == 0 && !port_blocked_; }
  bool answers_well() const { return answers_sip() && broken.answers_badly == 0; }
  // A datagram to the port of SIP is refused at once rather than lost.
  bool refuses_sip() const { return is_up_ && !asterisk_runs() && !port_blocked_; }
  bool serves_whole() const { return asterisk_runs() && others_ && !port_blocked_; }
  // And nothing will start one of them.
  bool all_down() const {
    return !asterisk_runs() && !others_ && (command_ == Command::none || command_ == Command::stop);
  }
  bool is_starting() const;
  bool marked() const { return marker_; }  // the vendor's marker: a boot starts no telephony
  bool upgrading() const { return command_ == Command::upgrade; }
  Command command() const { return command_; }
  ServiceTrouble trouble() const;

 private:
  void come_up(Instant now);
  void finish(Instant now);

  Duration start_time_, stop_time_, boot_time_;
  bool is_up_ = true;
  bool booting_ = false;
  bool marker_;
  bool asterisk_, others_;
  bool port_blocked_ = false;
  int boots_ = 1;
  Instant up_since_ = kBegin - std::chrono::hours{1};
  Command command_ = Command::none;
  int phase_ = 0;  // of the command
  Instant ends_at_{};
  std::optional<Instant> step_at_;
};

}  // namespace tandem::sim
