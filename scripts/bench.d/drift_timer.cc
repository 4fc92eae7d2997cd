// Breaks each of a node's two watched files in every way that the bench knows, at random moments,
// and times how long each stays broken. A line a break: KIND NANOSECONDS. Exit 1 if one is not
// repaired in time.
//   drift_timer ROOT SEED
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <optional>
#include <random>
#include <string>
#include <string_view>

namespace {

constexpr long kPollNanoseconds = 20'000;  // between two looks
constexpr std::int64_t kLimit = 45'000'000'000;
constexpr int kQuietMillisecondsMin = 60, kQuietMillisecondsMax = 260;  // before each break
constexpr std::size_t kFileMax = 4096;

std::int64_t now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

void rest(std::int64_t nanoseconds) {
  const timespec time{nanoseconds / 1'000'000'000, nanoseconds % 1'000'000'000};
  nanosleep(&time, nullptr);
}

[[noreturn]] void give_up(const std::string& what) {
  std::fprintf(stderr, "drift_timer: %s: %s\n", what.c_str(), std::strerror(errno));
  std::exit(1);
}

// Nothing, if the file is not there.
std::optional<std::string> content_of(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return std::nullopt;
  std::array<char, kFileMax> buffer{};
  const auto size = read(file, buffer.data(), buffer.size());
  close(file);
  if (size < 0) give_up(path);
  return std::string(buffer.data(), static_cast<std::size_t>(size));
}

void write_file(const std::string& path, int flags, std::string_view content) {
  const int file = open(path.c_str(), O_WRONLY | O_CLOEXEC | flags, 0644);
  if (file < 0) give_up(path);
  const auto size = write(file, content.data(), content.size());
  if (size != static_cast<ssize_t>(content.size())) give_up(path);
  close(file);
}

constexpr std::string_view kWrong = R"({"node_type": "slave", "remote_address": "10.9.8.7"})";

// Each takes the time just before the call that makes the file wrong.
std::int64_t edit_in_place(const std::string& path) {
  const auto begin = now();
  write_file(path, 0, kWrong);
  return begin;
}

std::int64_t cut_to_nothing(const std::string& path) {
  const auto begin = now();
  write_file(path, O_TRUNC, "");
  return begin;
}

std::int64_t save_as_editors_do(const std::string& path) {
  const std::string fresh = path + "~new";
  write_file(fresh, O_CREAT | O_TRUNC, kWrong);
  const auto begin = now();
  if (rename(fresh.c_str(), path.c_str()) != 0) give_up(path);
  return begin;
}

std::int64_t remove_file(const std::string& path) {
  const auto begin = now();
  if (unlink(path.c_str()) != 0) give_up(path);
  return begin;
}

struct Kind {
  const char* name;
  const char* file;  // below the node's root
  std::int64_t (*break_it)(const std::string& path);
};

constexpr const char* kHaConf = "/etc/xivo/ha.conf";
constexpr const char* kSentinel = "/var/lib/wazo/is-primary";

constexpr Kind kKinds[] = {
    {"edited", kHaConf, edit_in_place},       {"truncated", kHaConf, cut_to_nothing},
    {"renamed", kHaConf, save_as_editors_do}, {"removed", kHaConf, remove_file},
    {"sentinel", kSentinel, remove_file},
};

// What was written is what the next look finds, until somebody repairs it.
bool time_repair(const Kind& kind, const std::string& root) {
  const std::string path = root + kind.file;
  const auto whole = content_of(path);
  if (!whole) give_up(path);
  const auto begin = kind.break_it(path);
  while (content_of(path) != whole) {
    if (now() - begin > kLimit) {
      std::fprintf(stderr, "drift_timer: %s: not repaired within 45 s\n", kind.name);
      return false;
    }
    rest(kPollNanoseconds);
  }
  std::printf("%s %lld\n", kind.name, static_cast<long long>(now() - begin));
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: drift_timer ROOT SEED\n");
    return 64;
  }
  prctl(PR_SET_TIMERSLACK, 1UL);  // the kernel's own 50 us would come on top of every rest
  std::mt19937 dice(static_cast<unsigned>(std::strtoul(argv[2], nullptr, 10)));
  std::uniform_int_distribution<std::int64_t> quiet(kQuietMillisecondsMin * 1000,
                                                    kQuietMillisecondsMax * 1000);
  std::array<Kind, std::size(kKinds)> kinds{};
  std::copy(std::begin(kKinds), std::end(kKinds), kinds.begin());
  std::shuffle(kinds.begin(), kinds.end(), dice);
  for (const Kind& kind : kinds) {
    rest(quiet(dice) * 1000);
    if (!time_repair(kind, argv[1])) return 1;
  }
  return 0;
}
