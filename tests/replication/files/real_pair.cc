#include "tests/replication/files/real_pair.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <thread>

namespace tandem::files {
namespace {

constexpr const char* kAddressA = "127.0.32.1";
constexpr const char* kAddressB = "127.0.32.2";
constexpr std::chrono::minutes kPatience{8};

constexpr const char* kPairFile = R"(apiVersion: tandem.ha/v1alpha1
kind: HAPair
metadata: {{ name: lab }}
spec:
  product: wazo
  primary: {{ name: pbx-a, address: {} }}
  secondary: {{ name: pbx-b, address: {} }}
  replication: {{ files: {{ directories: ["{}"] }} }}
)";

constexpr const char* kOperatorFile = R"(apiVersion: tandem.ha/v1alpha1
kind: OperatorConfig
spec:
  node: {1}
  pair: {0}/pair.yaml
  root: {0}/root
  stateDir: {0}/state
  listen: 127.0.0.1:1
  tokenFile: {0}/token
  sshDir: {0}/ssh
  wazo: {{ confd: "http://127.0.0.1:1/1.1", provd: "http://127.0.0.1:1/0.2", auth: "http://127.0.0.1:1/0.1", credentialsFile: {0}/none }}
  postgres: {{ passwordFile: {0}/pgpass }}
)";

constexpr const char* kSshdConfig = R"(ListenAddress {1}:{2}
HostKey {0}/host_key
AuthorizedKeysFile {0}/keys
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
SetEnv HOME={0}
)";

std::string program() {
  const char* given = std::getenv("TANDEM_PROGRAM");
  return given == nullptr ? "/nonexistent" : given;
}

sockaddr_in address_of(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  inet_pton(AF_INET, kAddressB, &address.sin_addr);
  return address;
}

int free_port() {
  const int number = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = address_of(0);
  socklen_t size = sizeof address;
  bind(number, reinterpret_cast<sockaddr*>(&address), size);
  getsockname(number, reinterpret_cast<sockaddr*>(&address), &size);
  close(number);
  return ntohs(address.sin_port);
}

bool answers(int port) {
  const int number = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = address_of(port);
  const bool connected =
      connect(number, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  close(number);
  return connected;
}

Task<void> keep(Task<Report> task, std::optional<Report>& kept) {
  kept.emplace(co_await std::move(task));
}

}  // namespace

std::string RealPair::shell(const std::string& line) {
  FILE* pipe = popen(("set -e; " + line).c_str(), "r");
  std::string said;
  std::array<char, 4096> chunk{};
  for (std::size_t size = 0; (size = fread(chunk.data(), 1, chunk.size(), pipe)) > 0;)
    said.append(chunk.data(), size);
  EXPECT_EQ(pclose(pipe), 0) << line << "\n" << said;
  return said;
}

std::string RealPair::listing(const std::string& folder) {
  return shell(fmt::format(
      "cd '{}'; LC_ALL=C find . -mindepth 1 -type f -printf '%m %U %G %s %T@ %y %p\\0' | "
      "LC_ALL=C sort -z | tr '\\0' '\\n'; "
      "LC_ALL=C find . -mindepth 1 ! -type d ! -type f -printf '%U %G %y %p %l\\0' | "
      "LC_ALL=C sort -z | tr '\\0' '\\n'; "
      "LC_ALL=C find . -mindepth 1 -type d -printf '%m %U %G %y %p\\0' | LC_ALL=C sort -z",
      folder));
}

std::map<std::string, std::string> RealPair::contents(const std::string& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    files[entry.path().filename()] = content_of(entry.path());
  return files;
}

RealPair::RealPair() : port_(free_port()) {
  pair.primary = {"pbx-a", kAddressA, {}};
  pair.secondary = {"pbx-b", kAddressB, {}};
  pair.replication.directories = {kOwn};
  goal = files_goal(pair);
  make_sides();
  make_keys();
  start_sshd();
  restart();
}

RealPair::~RealPair() {
  if (session) session->close();
  io.restart();
  io.run_for(std::chrono::milliseconds{200});
  stop_sshd();
}

void RealPair::make_sides() {
  const std::array<std::pair<std::string, std::string>, 2> sides{
      std::pair<std::string, std::string>{folder_ / "a", "pbx-a"}, {folder_ / "b", "pbx-b"}};
  for (const auto& [side, node] : sides) {
    shell(
        fmt::format("mkdir -p '{0}'/root/var/lib/wazo '{0}/root{1}' '{0}'/root/etc/xivo "
                    "'{0}'/root/etc/cron.d '{0}/ssh' '{0}/state'; chmod 700 '{0}/state'",
                    side, kMoh));
    write_to(side + "/pair.yaml", fmt::format(kPairFile, kAddressA, kAddressB, kOwn));
    write_to(side + "/operator.yaml", fmt::format(kOperatorFile, side, node));
  }
  shell(fmt::format("{} --operator '{}' apply --structural --reason test >/dev/null 2>&1 || true",
                    program(), folder_ / "b/operator.yaml"));
  stand_by();
}

void RealPair::make_keys() {
  const std::string a = folder_ / "a", b = folder_ / "b";
  shell(fmt::format("ssh-keygen -q -t ed25519 -N '' -f {}/ssh/id_ed25519", a));
  shell(fmt::format("ssh-keygen -q -t ed25519 -N '' -f {}/host_key", b));
  write_to(a + "/ssh/config", fmt::format("Port {}\n", port_));
  write_to(a + "/ssh/known_hosts",
           fmt::format("[{}]:{} {}", kAddressB, port_, content_of(b + "/host_key.pub")));
  write_to(
      b + "/keys",
      fmt::format("restrict,from=\"{}\",command=\"{} --operator {}/operator.yaml sync-gate\" {}",
                  kAddressA, program(), b, content_of(a + "/ssh/id_ed25519.pub")));
  write_to(b + "/sshd_config", fmt::format(kSshdConfig, b, kAddressB, port_));
}

void RealPair::start_sshd() {
  const std::string config = folder_ / "b/sshd_config", log = folder_ / "b/sshd.log";
  sshd_ = fork_bound();
  if (sshd_ == 0) {
    const int file = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    dup2(file, STDERR_FILENO);
    // It wants the folder /run/sshd, and gets one that nobody else sees.
    execlp("unshare", "unshare", "--mount", "--propagation", "private", "sh", "-c",
           "mount -t tmpfs -o mode=0755 tmpfs /run && mkdir /run/sshd && exec /usr/sbin/sshd -D -e "
           "-f \"$1\"",
           "sshd", config.c_str(), nullptr);
    _exit(127);
  }
  for (int tries = 0; !answers(port_); ++tries) {
    ASSERT_LT(tries, 3000) << content_of(log);
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
}

void RealPair::cut_connections() {
  const auto children = content_of(fmt::format("/proc/{0}/task/{0}/children", sshd_));
  for (std::size_t at = 0; at < children.size();) {
    const auto end = children.find(' ', at);
    kill(std::stoi(children.substr(at, end - at)), SIGKILL);
    if (end == std::string::npos) break;
    at = end + 1;
  }
}

void RealPair::stop_sshd() {
  if (sshd_ < 0) return;
  cut_connections();
  kill(sshd_, SIGTERM);
  waitpid(sshd_, nullptr, 0);
  sshd_ = -1;
}

void RealPair::serve() { std::filesystem::remove(there("/var/lib/wazo/disabled")); }
void RealPair::stand_by() { write_to(there("/var/lib/wazo/disabled"), ""); }

void RealPair::restart() {
  replica.reset();
  session.reset();
  trees_ = std::make_unique<RealTrees>(io.get_executor(), folder_ / "a/root");
  ssh_ = std::make_unique<PeerSsh>(disk_, programs, folder_ / "a/ssh");
  session = std::make_unique<Session>(*ssh_, programs, disk_, clock_, folder_ / "a/state/session");
  replica = std::make_unique<FileReplica>(*trees_, programs, *session, disk_, clock_,
                                          folder_ / "a/state");
}

Report RealPair::finish(Task<Report> task) {
  std::optional<Report> report;
  boost::asio::co_spawn(io, keep(std::move(task), report), [this](std::exception_ptr thrown) {
    io.stop();
    if (thrown) std::rethrow_exception(thrown);
  });
  io.restart();
  io.run_for(kPatience);
  if (!report) throw std::logic_error("the copy does not end");
  return *std::move(report);
}

void RealPair::run_until(const std::function<bool()>& reached) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  io.restart();
  while (!reached()) {
    if (std::chrono::steady_clock::now() > end) throw std::logic_error("it does not come");
    io.run_one_for(std::chrono::milliseconds{50});
    if (io.stopped()) io.restart();
  }
}

Report RealPair::copy(Order order) { return finish(replica->run(goal, std::move(order))); }
Report RealPair::plan() { return finish(replica->plan(goal)); }

FolderReport RealPair::copy_of(const std::string& path, Order order) {
  order.folders = {path};
  const auto report = copy(std::move(order));
  if (report.folders.size() != 1) throw std::logic_error(path + " is not copied");
  return report.folders.front();
}

}  // namespace tandem::files
