#include "ports/transient_unit.h"

#include <algorithm>
#include <vector>

#include "ports/bus_session.h"

namespace tandem {
namespace {

using Session = BusSession;
using Property = sdbus::Struct<std::string, sdbus::Variant>;
using Program = sdbus::Struct<std::string, std::vector<std::string>, bool>;
using Auxiliary = sdbus::Struct<std::string, std::vector<Property>>;

constexpr std::size_t kDescriptionMax = 2048;
constexpr std::chrono::seconds kStopLimit{2};

// For systemd a word of a command line has $VARIABLES, which "$$" is not.
std::vector<std::string> literal_words(const std::vector<std::string>& argv) {
  std::vector<std::string> words;
  for (const std::string& word : argv) {
    std::string& literal = words.emplace_back();
    for (const char c : word) literal += c == '$' ? std::string("$$") : std::string(1, c);
  }
  return words;
}

std::uint64_t microseconds(std::chrono::milliseconds time) {
  return static_cast<std::uint64_t>(std::chrono::microseconds(time).count());
}

}  // namespace

struct StreamEnds::Numbers {
  sdbus::UnixFd input;
  sdbus::UnixFd output;
  sdbus::UnixFd errors;
};

StreamEnds::StreamEnds(const CommandStreams& streams)
    : numbers_(std::make_unique<Numbers>(Numbers{sdbus::UnixFd(streams.input()),
                                                 sdbus::UnixFd(streams.output()),
                                                 sdbus::UnixFd(streams.errors())})) {}

StreamEnds::~StreamEnds() = default;

std::string description_of(const Command& command) {
  std::string line = "tandem:";
  for (const auto& word : command.argv) line += " " + word;
  // It becomes a line of the unit's file.
  std::replace_if(
      line.begin(), line.end(), [](unsigned char c) { return c < 0x20; }, ' ');
  return line.substr(0, kDescriptionMax);
}

void start_transient(Session& session, const std::string& name, const Command& command,
                     const StreamEnds& ends) {
  const auto text = [](const char* value) { return sdbus::Variant(std::string(value)); };
  // Not "ExecStartEx" with "no-env-expand": systemd 252 writes that name into the unit's file and
  // can not read it again, so that a reload in the middle of the command (`systemctl disable` makes
  // one) leaves a unit that is refused from then on.
  const std::vector<Program> programs{
      Program{command.argv.front(), literal_words(command.argv), false}};
  const std::vector<Property> properties{
      {"Description", sdbus::Variant(description_of(command))},
      // Started is what exec has let start.
      {"Type", text("exec")},
      {"ExecStart", sdbus::Variant(programs)},
      {"Environment", sdbus::Variant(command.environment)},
      {"StandardInputFileDescriptor", sdbus::Variant(ends.numbers_->input)},
      {"StandardOutputFileDescriptor", sdbus::Variant(ends.numbers_->output)},
      {"StandardErrorFileDescriptor", sdbus::Variant(ends.numbers_->errors)},
      // How it ended is known while we are there, and nothing of it stays afterwards.
      {"AddRef", sdbus::Variant(true)},
      {"CollectMode", text("inactive-or-failed")},
      // What it leaves behind goes on: it was meant to.
      {"KillMode", text("process")},
      {"RuntimeMaxUSec",
       sdbus::Variant(microseconds(command.deadline + TransientUnit::kAfterDeadline))},
      {"TimeoutStopUSec", sdbus::Variant(microseconds(kStopLimit))},
  };
  session.manager("StartTransientUnit", name, std::string("fail"), properties,
                  std::vector<Auxiliary>{});
}

TransientUnit look_at_transient(Session& session, const std::string& name, bool hold) {
  TransientUnit unit;
  try {
    if (hold) session.manager("RefUnit", name);
    sdbus::ObjectPath path;
    auto reply = session.manager("GetUnit", name);
    reply >> path;
    const auto active = session.property<std::string>(path, Session::kUnit, "ActiveState");
    unit.found = true;
    // Between the question and the start it is inactive as well, and has a job.
    using Job = sdbus::Struct<std::uint32_t, sdbus::ObjectPath>;
    const auto job = session.property<Job>(path, Session::kUnit, "Job");
    unit.ended = (active == "inactive" || active == "failed") && std::get<0>(job) == 0;
    unit.description = session.property<std::string>(path, Session::kUnit, "Description");
    if (!unit.ended) return unit;
    unit.code = session.property<std::int32_t>(path, Session::kService, "ExecMainCode");
    unit.status = session.property<std::int32_t>(path, Session::kService, "ExecMainStatus");
    return unit;
  } catch (const sdbus::Error& error) {
    if (error.getName() != "org.freedesktop.systemd1.NoSuchUnit") throw;
    return {};
  }
}

void signal_transient(Session& session, const std::string& name, int signal) {
  try {
    session.manager("KillUnit", name, std::string("all"), static_cast<std::int32_t>(signal));
  } catch (const sdbus::Error& error) {
    // No process is left.
    if (error.getName() != "org.freedesktop.systemd1.NoSuchUnit" &&
        error.getName() != "org.freedesktop.systemd1.NoSuchProcess" &&
        error.getName() != "System.Error.ESRCH")
      throw;
  }
}

void release_transient(Session& session, const std::string& name, int holds) {
  for (int i = 0; i < holds; ++i) session.manager("UnrefUnit", name);
}

}  // namespace tandem
