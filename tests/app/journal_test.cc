// The log in the journal: a datagram socket where journald has its own, and its protocol
// (systemd.io/JOURNAL_NATIVE_PROTOCOL) read as journald reads it.
#include "app/journal.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <map>

#include "app/log.h"
#include "ports/descriptor.h"
#include "tests/ports/temporary_folder.h"

namespace tandem {
namespace {

using Fields = std::map<std::string, std::string>;

// "NAME=value\n", or "NAME\n", the length in 64 bits little endian, the value, "\n".
Fields fields_of(std::string_view datagram) {
  Fields fields;
  while (!datagram.empty()) {
    const auto end = datagram.find('\n');
    const auto line = datagram.substr(0, end);
    const auto equals = line.find('=');
    if (equals != std::string_view::npos) {
      fields[std::string(line.substr(0, equals))] = line.substr(equals + 1);
      datagram.remove_prefix(end + 1);
      continue;
    }
    std::uint64_t size = 0;
    std::memcpy(&size, datagram.data() + end + 1, sizeof size);
    fields[std::string(line)] = datagram.substr(end + 1 + sizeof size, size);
    datagram.remove_prefix(end + 1 + sizeof size + size + 1);
  }
  return fields;
}

// In a child with a /run of its own: what `write` logs to a descriptor that leads to the journal.
// Returns what `check` says of the entry that comes.
int in_journal(const std::function<void(Log&)>& write, const std::function<int(Fields)>& check) {
  return in_child([&] {
    if (unshare(CLONE_NEWNS) != 0) return kNotPermitted;
    mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
    if (mount("tmpfs", "/run", "tmpfs", 0, nullptr) != 0) return kNotPermitted;
    std::filesystem::create_directories("/run/systemd/journal");
    const Descriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, "/run/systemd/journal/socket");
    if (bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return 90;
    std::array<int, 2> ends{};
    if (pipe(ends.data()) != 0) return 91;
    struct stat found {};
    fstat(ends[1], &found);
    const std::string stream = std::to_string(found.st_dev) + ":" + std::to_string(found.st_ino);
    setenv("JOURNAL_STREAM", stream.c_str(), 1);
    Log log(Log::Level::info, OperatorConfig::LogFormat::logfmt, ends[1]);
    write(log);
    std::array<char, 65'536> datagram{};
    const timeval patience{30, 0};
    setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    const auto got = recv(socket.get(), datagram.data(), datagram.size(), 0);
    if (got <= 0) return 92;
    return check(fields_of({datagram.data(), static_cast<std::size_t>(got)}));
  });
}

TEST(Journal, GetsEntriesWithFieldsAndPriority) {
  const int code = in_journal(
      [](Log& log) {
        log.write(Log::Level::warning, "order",
                  {{"reason", "because = \"x\""}, {"confirmDirection", "true"}});
      },
      [](Fields fields) {
        if (fields["MESSAGE"] != R"(order reason="because = \"x\"" confirmDirection=true)")
          return 1;
        if (fields["PRIORITY"] != "4") return 2;
        if (fields["SYSLOG_IDENTIFIER"] != "tandem") return 3;
        if (fields["TANDEM_REASON"] != "because = \"x\"") return 4;
        if (fields["TANDEM_CONFIRM_DIRECTION"] != "true") return 5;
        return 0;
      });
  EXPECT_EQ(code, 0);
}

// What others wrote must make no line and no field of its own.
TEST(Journal, EscapesWhatWouldBreakOut) {
  const int code = in_journal(
      [](Log& log) {
        log.write(Log::Level::error, "m\nPRIORITY=0",
                  {{"a", "x\nTANDEM_B=forged\n\x1b[2J"}, {"n", std::string("a\0b", 3)}});
      },
      [](Fields fields) {
        if (fields["PRIORITY"] != "3") return 1;
        if (fields.contains("TANDEM_B")) return 2;
        if (fields["TANDEM_A"] != "x\\nTANDEM_B=forged\\n\\x1b[2J") return 3;
        if (fields["MESSAGE"].find('\n') != std::string::npos) return 4;
        if (fields["TANDEM_N"] != "a\\x00b") return 5;
        return 0;
      });
  EXPECT_EQ(code, 0);
}

TEST(Journal, IsThereOnlyWhereTheDescriptorLeadsToIt) {
  const int code = in_child([] {
    std::array<int, 2> ends{};
    if (pipe(ends.data()) != 0) return 1;
    struct stat found {};
    fstat(ends[1], &found);
    unsetenv("JOURNAL_STREAM");
    if (leads_to_journal(ends[1])) return 2;
    // Of another descriptor: the service's, whose program has sent standard error elsewhere.
    setenv("JOURNAL_STREAM", "8:1", 1);
    if (leads_to_journal(ends[1])) return 3;
    const std::string own = std::to_string(found.st_dev) + ":" + std::to_string(found.st_ino);
    setenv("JOURNAL_STREAM", own.c_str(), 1);
    return leads_to_journal(ends[1]) ? 0 : 4;
  });
  EXPECT_EQ(code, 0);
}

TEST(Journal, ThatDoesNotTakeAnEntryIsCountedAsLost) {
  const int code = in_child([] {
    if (unshare(CLONE_NEWNS) != 0) return kNotPermitted;
    mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
    if (mount("tmpfs", "/run", "tmpfs", 0, nullptr) != 0) return kNotPermitted;
    // libsystemd takes a host without a journal for one that wants no log; one that refuses is
    // told.
    std::filesystem::create_directories("/run/systemd/journal");
    std::ofstream("/run/systemd/journal/socket") << "no socket";
    return send_to_journal(journal_entry(6, "m", {})) ? 1 : 0;
  });
  EXPECT_EQ(code, 0);
}

}  // namespace
}  // namespace tandem
