#include "ports/confined_program.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <linux/openat2.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>

#include "ports/rooted_path.h"
#include "ports/system_error.h"

namespace tandem {
namespace {

constexpr int kFirstFree = 3;  // after the three streams

// The rights by the version of Landlock that brought them; not all are in Debian 12's header.
constexpr std::uint64_t kSince1 = (1ULL << 13U) - 1;
constexpr std::uint64_t kRefer = 1ULL << 13U;     // since 2: rename and link across folders
constexpr std::uint64_t kTruncate = 1ULL << 14U;  // since 3

constexpr std::uint64_t kReading = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr std::uint64_t kRunning = kReading | LANDLOCK_ACCESS_FS_EXECUTE;
// All that a copy of files, folders and links makes: no device, socket or FIFO.
constexpr std::uint64_t kWriting = kReading | LANDLOCK_ACCESS_FS_WRITE_FILE |
                                   LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
                                   LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_DIR |
                                   LANDLOCK_ACCESS_FS_MAKE_SYM | kRefer | kTruncate;

long landlock_version() {
  return syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

std::uint64_t handled(long version) {
  return kSince1 | (version >= 2 ? kRefer : 0) | (version >= 3 ? kTruncate : 0);
}

bool allow(const Descriptor& rules, const Descriptor& place, std::uint64_t rights) {
  struct stat found {};
  if (fstat(place.get(), &found) != 0) return false;
  // Rights of a folder mean nothing for a file, and the kernel refuses them there.
  if (!S_ISDIR(found.st_mode))
    rights &= LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE |
              LANDLOCK_ACCESS_FS_WRITE_FILE | kTruncate;
  landlock_path_beneath_attr rule{};
  rule.allowed_access = rights;
  rule.parent_fd = place.get();
  return syscall(SYS_landlock_add_rule, rules.get(), LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
}

struct Needed {
  const char* path;
  std::uint64_t rights;
};

// What every program needs that only copies files. Those that a host does not have are left out.
constexpr Needed kNeeded[] = {
    {"/usr", kRunning},
    {"/bin", kRunning},
    {"/lib", kRunning},
    {"/lib64", kRunning},
    {"/etc/ld.so.cache", kReading},
    {"/etc/ld.so.preload", kReading},
    {"/etc/passwd", kReading},
    {"/etc/group", kReading},
    {"/etc/nsswitch.conf", kReading},
    {"/etc/localtime", kReading},
    {"/dev/null", kReading | LANDLOCK_ACCESS_FS_WRITE_FILE},
    {"/dev/urandom", kReading},
};

// Success without Landlock: the held folder and the program's own checks remain.
bool confine(const Descriptor& folder, bool may_write) {
  if (!kernel_confines()) return true;
  const std::uint64_t known = handled(landlock_version());
  landlock_ruleset_attr attributes{};
  attributes.handled_access_fs = known;
  const Descriptor rules(static_cast<int>(
      syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes.handled_access_fs, 0)));
  if (!rules.ok() || !allow(rules, folder, (may_write ? kWriting : kReading) & known)) return false;
  for (const Needed& needed : kNeeded) {
    const Descriptor place(open(needed.path, O_PATH | O_CLOEXEC));
    if (place.ok() && !allow(rules, place, needed.rights & known)) return false;
  }
  return syscall(SYS_landlock_restrict_self, rules.get(), 0) == 0;
}

std::vector<char*> pointers_to(const std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (const auto& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

bool kernel_confines() { return landlock_version() >= 1; }

Result<Descriptor> hold_folder(const std::string& root, const std::string& allowed,
                               const std::string& below) {
  auto outer = Root(root).open(allowed, O_PATH | O_DIRECTORY);
  if (!outer) return system_error(allowed, "open the folder", outer.error());
  if (below.empty()) return *std::move(outer);
  open_how how{};
  how.flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  Descriptor inner(
      static_cast<int>(syscall(SYS_openat2, outer->get(), below.c_str(), &how, sizeof how)));
  if (inner.ok()) return inner;
  auto error = system_error(allowed + "/" + below, "open the folder", errno);
  if (error.fault != Fault::not_found && error.fault != Fault::denied) error.fault = Fault::invalid;
  return error;
}

Error become(const ConfinedProgram& program, const Descriptor& folder) {
  const std::string& name = program.argv.front();
  if (fchdir(folder.get()) != 0) return system_error(name, "enter its folder", errno);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || !confine(folder, program.may_write))
    return system_error(name, "confine it", errno);
  for (const int number : {SIGPIPE, SIGUSR1, SIGUSR2}) std::signal(number, SIG_DFL);
  // Not closed: marked, so that we can still speak where exec fails.
  syscall(SYS_close_range, kFirstFree, ~0U, 1U << 2U);  // CLOSE_RANGE_CLOEXEC
  const auto argv = pointers_to(program.argv);
  const auto environment = pointers_to(program.environment);
  execve(name.c_str(), argv.data(), environment.data());
  return system_error(name, "start", errno);
}

}  // namespace tandem
