#include "ports/real_incoming_copies.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <filesystem>
#include <system_error>
#include <thread>
#include <utility>

#include "ports/process_facts.h"
#include "ports/system_error.h"

namespace tandem {
namespace {

using std::chrono::milliseconds;

constexpr mode_t kOwnersAlone = 0600;
constexpr mode_t kOwnersFolder = 0700;
// The lock that tells whether copies may begin; it holds no words.
constexpr const char* kDoor = "door";
// A gate holds it for a moment, to see that nobody else does.
constexpr int kDoorTries = 20;
constexpr milliseconds kDoorStep{5};
constexpr milliseconds kStep{20};

std::string door_of(const std::string& folder) { return folder + "/" + kDoor; }

Result<Descriptor> open_door(const std::string& folder) {
  mkdir(folder.c_str(), kOwnersFolder);
  const std::string path = door_of(folder);
  constexpr int kFlags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
  Descriptor door(open(path.c_str(), kFlags, kOwnersAlone));
  if (!door.ok()) return system_error(path, "open", errno);
  return door;
}

// The names of records, and of those that were being written.
Result<std::vector<std::string>> names_in(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code failed;
  std::filesystem::directory_iterator at(folder, failed);
  for (const std::filesystem::directory_iterator end;
       !failed && at != end && names.size() < IncomingCopy::kNamesMax; at.increment(failed)) {
    std::string name = at->path().filename();
    if (name != kDoor) names.push_back(std::move(name));
  }
  if (failed) return system_error(folder, "look into", failed.value());
  return names;
}

pid_t writer_of(const std::string& name) {
  pid_t pid = 0;
  std::from_chars(name.data(), name.data() + name.size(), pid);
  return pid;
}

// Those that run; what the others left is removed. A name is never used again, so that nobody's
// record is removed who came in between.
Result<std::size_t> count_after_removing_dead(const std::string& folder) {
  const auto names = names_in(folder);
  if (!names.ok()) return names.error();
  const JobRecords records(folder);
  std::size_t running = 0;
  for (const std::string& name : names.value()) {
    const bool runs = records.running(name).has_value();
    running += runs ? 1 : 0;
    // What is being written tells nothing of its process, but the name does.
    const bool unfinished = name.ends_with(".new") && !start_of(writer_of(name)).empty();
    if (!runs && !unfinished) ::unlink((folder + "/" + name).c_str());
  }
  return running;
}

Status door_is_open(const std::string& folder) {
  const auto door = open_door(folder);
  if (!door.ok()) return door.error();
  if (flock(door.value().get(), LOCK_SH | LOCK_NB) == 0) return success();
  if (errno != EWOULDBLOCK) return system_error(door_of(folder), "lock", errno);
  return Error{
      Fault::unavailable,
      "this node is about to serve, or is suspended, in maintenance or being upgraded: nothing is "
      "copied onto it"};
}

}  // namespace

Result<IncomingCopy> IncomingCopy::begin(const std::string& folder) {
  setpgid(0, 0);  // fails where it leads a session, and so a group
  mkdir(folder.c_str(), kOwnersFolder);
  const auto running = count_after_removing_dead(folder);
  if (!running.ok()) return running.error();
  if (running.value() >= kCopiesMax)
    return Error{Fault::unavailable,
                 fmt::format("{} copies run on this node already", running.value())};
  const std::string name =
      fmt::format("{}-{}", getpid(), std::chrono::steady_clock::now().time_since_epoch().count());
  JobRecords records(folder);
  const JobRecord record{getpid(), {"copy of files"}};
  const auto written = records.begun(name, record);
  if (!written.ok()) return written.error();
  IncomingCopy copy(folder + "/" + name);
  if (!records.running(name))
    return Error{Fault::unavailable, copy.path_ + ": can not be read again"};
  // In this order: whoever shuts the door afterwards finds the record.
  const auto open = door_is_open(folder);
  if (!open.ok()) return open.error();
  return copy;
}

IncomingCopy::IncomingCopy(IncomingCopy&& other) noexcept
    : path_(std::exchange(other.path_, std::string())) {}

IncomingCopy::~IncomingCopy() {
  if (!path_.empty()) ::unlink(path_.c_str());
}

// What is left of a group when its first process has ended keeps the number from others.
bool RealIncomingCopies::Copy::runs() const {
  return leads ? group_runs(record.pid) : still_runs(record);
}

// One that was stopped heeds no signal but these.
void RealIncomingCopies::Copy::send(int signal) const {
  const pid_t whom = leads ? -record.pid : record.pid;
  kill(whom, signal);
  if (signal != SIGKILL) kill(whom, SIGCONT);
}

// On a thread of its own. A door that can not be shut keeps nobody from being ended.
Result<RealIncomingCopies::Look> RealIncomingCopies::look(const std::string& folder, bool shut) {
  Look found;
  if (!shut) {
    auto door = open_door(folder);
    for (int tries = 0; door.ok() && tries < kDoorTries; ++tries) {
      if (flock(door.value().get(), LOCK_EX | LOCK_NB) == 0) {
        found.door = std::move(door).value();
        break;
      }
      std::this_thread::sleep_for(kDoorStep);
    }
  }
  const auto names = names_in(folder);
  if (!names.ok() && names.error().fault == Fault::not_found) return found;  // none ever came
  if (!names.ok()) return names.error();
  const JobRecords records(folder);
  for (const std::string& name : names.value())
    if (auto record = records.running(name)) found.copies.push_back(*std::move(record));
  return found;
}

bool RealIncomingCopies::Looking::is_over() {
  if (!found && ends.wait_for(std::chrono::seconds{0}) == std::future_status::ready)
    found.emplace(ends.get());
  return found.has_value();
}

Status RealIncomingCopies::begin_to_look() {
  std::packaged_task<Result<Look>()> task(
      [folder = folder_, shut = door_.ok()] { return look(folder, shut); });
  auto looking = std::make_shared<Looking>();
  looking->ends = task.get_future();
  try {
    std::thread(std::move(task)).detach();
  } catch (const std::system_error& error) {
    return Error{Fault::unavailable, fmt::format("no thread for it: {}", error.what())};
  }
  under_way_ = std::move(looking);
  return success();
}

// Of the look that is over.
void RealIncomingCopies::keep_the_door() {
  const auto over = std::exchange(under_way_, nullptr);
  if (over->found->ok() && over->found->value().door.ok())
    door_ = std::move(over->found->value().door);
}

Task<Result<std::vector<JobRecord>>> RealIncomingCopies::looked() {
  const Instant deadline = clock_.now() + kLookMax;
  const auto signal = clock_.make_signal();
  // One that was given up and has ended: its door stays shut, what else it saw is old.
  if (under_way_ && under_way_->is_over()) keep_the_door();
  if (!under_way_) {
    const Status begun = begin_to_look();
    if (!begun.ok()) co_return begun.error();
  }
  const auto mine = under_way_;
  while (!mine->is_over()) {
    if (clock_.now() >= deadline)
      co_return Error{Fault::timed_out, folder_ + ": the disk does not answer"};
    co_await clock_.wait(*signal, std::min(deadline, clock_.now() + kStep));
  }
  // Else who waited for it as well was first, or admit() came, and the door is to stay open.
  if (mine == under_way_) keep_the_door();
  if (!mine->found->ok()) co_return mine->found->error();
  co_return mine->found->value().copies;
}

Task<void> RealIncomingCopies::wait_for_end_of(const std::vector<Copy>& copies, Instant deadline) {
  const auto signal = clock_.make_signal();
  while (std::ranges::any_of(copies, &Copy::runs) && clock_.now() < deadline)
    co_await clock_.wait(*signal, std::min(deadline, clock_.now() + kStep));
}

Task<Result<IncomingCopies::Ended>> RealIncomingCopies::end_all() {
  auto found = co_await looked();
  if (!found.ok()) co_return found.error();
  std::vector<Copy> copies;
  for (JobRecord& record : found.value()) {
    if (!still_runs(record)) continue;
    const bool leads = getpgid(record.pid) == record.pid;
    copies.push_back({std::move(record), leads});
  }
  Ended ended;
  ended.found = copies.size();
  for (const Copy& copy : copies) copy.send(SIGTERM);
  co_await wait_for_end_of(copies, clock_.now() + kTermMax);
  std::erase_if(copies, [](const Copy& copy) { return !copy.runs(); });
  for (const Copy& copy : copies) copy.send(SIGKILL);
  co_await wait_for_end_of(copies, clock_.now() + kKillMax);
  ended.left = static_cast<std::size_t>(
      std::ranges::count_if(copies, [](const Copy& c) { return c.runs(); }));
  co_return ended;
}

// A look that hangs shuts the door late, and opens it when it ends.
void RealIncomingCopies::admit() {
  door_.close();
  under_way_.reset();
}

}  // namespace tandem
