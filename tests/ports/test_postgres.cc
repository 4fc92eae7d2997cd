#include "tests/ports/test_postgres.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/socket.h>

#include <chrono>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "tests/ports/test_statements.h"

namespace tandem {
namespace {

namespace fs = std::filesystem;

const std::string kPrograms = "/usr/lib/postgresql/15/bin/";
constexpr std::chrono::seconds kStartMax{30};
constexpr std::chrono::seconds kStopMax{20};

// A port that no address of this host has in use.
int any_free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_addr.s_addr = htonl(INADDR_ANY);
  socklen_t size = sizeof where;
  auto* address = reinterpret_cast<sockaddr*>(&where);
  const bool done = bind(socket, address, size) == 0 && getsockname(socket, address, &size) == 0;
  close(socket);
  if (!done) throw std::runtime_error("no free port");
  return ntohs(where.sin_port);
}

// The server refuses to run as root.
const passwd* user() {
  if (geteuid() != 0) return nullptr;
  const passwd* found = getpwnam("postgres");
  if (found == nullptr)
    throw std::runtime_error("no user postgres: scripts/install-deps test installs PostgreSQL 15");
  return found;
}

// In the child: never again root, and gone with its parent.
void become(const passwd* who, int signal_of_death) {
  if (who != nullptr &&
      (setgroups(0, nullptr) != 0 || setgid(who->pw_gid) != 0 || setuid(who->pw_uid) != 0))
    _exit(98);
  prctl(PR_SET_PDEATHSIG, signal_of_death);
}

void give(const fs::path& path) {
  const passwd* who = user();
  if (who == nullptr) return;
  if (chown(path.c_str(), who->pw_uid, who->pw_gid) != 0) throw std::runtime_error("chown failed");
}

}  // namespace

TestPostgres::TestPostgres()
    : root_(folder_.path()), sockets_(root_ + "/sockets"), port_(any_free_port()) {
  if (access((kPrograms + "postgres").c_str(), X_OK) != 0)
    throw std::runtime_error("PostgreSQL 15 is missing: run scripts/install-deps test");
  fs::permissions(root_, fs::perms{0755});
  const std::string data = root_ + "/data", conf = root_ + "/etc/postgresql/15/main";
  fs::create_directories(conf + "/conf.d");
  for (const auto& made : {sockets_, data}) {
    fs::create_directories(made);
    give(made);
  }
  fs::permissions(data, fs::perms{0700});
  std::string output;
  if (run(kPrograms + "initdb",
          "--no-sync --no-instructions --locale=C.UTF-8 --encoding=UTF8 --auth=trust "
          "--username=postgres -D " +
              data,
          &output) != 0)
    throw std::runtime_error("initdb failed: " + output);
  for (const char* name : {"pg_hba.conf", "pg_ident.conf"}) {
    fs::rename(data + "/" + name, conf + "/" + name);
    give(conf + "/" + name);
    fs::permissions(conf + "/" + name, fs::perms{0640});
  }
  write_to(hba_path(),
           "# PostgreSQL Client Authentication Configuration File\n"
           "local   all             all                                     trust\n"
           "# IPv4 local connections:\n"
           "host    all             all             127.0.0.1/32            scram-sha-256\n");
  write_to(conf_path(),
           "data_directory = '" + data + "'\nhba_file = '" + hba_path() + "'\nident_file = '" +
               conf + "/pg_ident.conf'\n" +
               "#listen_addresses = 'localhost'\t\t# what IP address(es) to listen on;\n"
               "port = " +
               std::to_string(port_) + "\t\t\t\t# (change requires restart)\n" +
               "unix_socket_directories = '" + sockets_ + "'\n" +
               "fsync = off\nshared_buffers = 16MB\nmax_connections = 30\n"
               "log_statement = 'all'\nlog_line_prefix = '%t [%p] '\n"
               "include_dir = 'conf.d'\n");
  give(conf_path());
  fs::permissions(conf_path(), fs::perms{0644});
  start();
  psql("create role asterisk login password 'proformatique'; ");
  psql("create database asterisk owner asterisk");
}

TestPostgres::~TestPostgres() {
  try {
    stop();
  } catch (const std::exception&) {
  }
}

std::string TestPostgres::dsn(const std::string& name, const std::string& host) const {
  return "host=" + host + " port=" + std::to_string(port_) + " dbname=asterisk user=" + name;
}

// `arguments` are words between single blanks.
int TestPostgres::run(const std::string& program, const std::string& arguments, std::string* output,
                      const std::string& input) const {
  const std::string out = root_ + "/output-" + std::to_string(getpid());
  const std::string in = root_ + "/input-" + std::to_string(getpid());
  write_to(in, input);
  fs::permissions(in, fs::perms{0644});
  const passwd* who = user();
  const int code = in_child([&] {
    const int from = open(in.c_str(), O_RDONLY);
    const int to = open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    dup2(from, 0);
    dup2(to, 1);
    dup2(to, 2);
    become(who, SIGKILL);
    if (chdir("/") != 0) return 97;
    std::vector<std::string> words{program};
    std::string word;
    for (const char c : arguments + " ") {
      if (c != ' ') word += c;
      if (c == ' ' && !word.empty()) words.push_back(std::exchange(word, ""));
    }
    std::vector<char*> argv;
    for (auto& each : words) argv.push_back(each.data());
    argv.push_back(nullptr);
    execv(program.c_str(), argv.data());
    return 96;
  });
  if (output != nullptr) *output = content_of(out);
  fs::remove(out);
  fs::remove(in);
  return code;
}

std::string TestPostgres::psql(const std::string& statements) const {
  std::string output;
  const std::string database = statements.starts_with("create database") ||
                                       statements.starts_with("drop database") ||
                                       statements.starts_with("create role asterisk")
                                   ? "postgres"
                                   : "asterisk";
  const passwd* who = user();
  output = run_statements(
      "host=" + sockets_ + " port=" + std::to_string(port_) + " user=postgres dbname=" + database,
      statements, who == nullptr ? std::nullopt : std::optional(who->pw_uid));
  while (!output.empty() && output.back() == '\n') output.pop_back();
  return output;
}

void TestPostgres::start() {
  const std::string data = root_ + "/data", log_path = root_ + "/postgres.log";
  const std::string config = "config_file=" + conf_path(), program = kPrograms + "postgres";
  const passwd* who = user();
  std::error_code ignored;
  fs::remove(log_path, ignored);
  pid_ = fork();
  if (pid_ == 0) {
    const int out = open(log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    dup2(out, 1);
    dup2(out, 2);
    become(who, SIGQUIT);
    if (chdir("/") != 0) _exit(97);
    close_range(3, ~0U, 0);
    execl(program.c_str(), program.c_str(), "-D", data.c_str(), "-c", config.c_str(), nullptr);
    _exit(96);
  }
  const auto end = std::chrono::steady_clock::now() + kStartMax;
  const std::string arguments = "-q -h " + sockets_ + " -p " + std::to_string(port_);
  while (run(kPrograms + "pg_isready", arguments, nullptr) != 0) {
    const bool ended = waitpid(pid_, nullptr, WNOHANG) == pid_;
    if (ended) pid_ = -1;
    if (ended || std::chrono::steady_clock::now() > end)
      throw std::runtime_error("PostgreSQL did not start: " + log());
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
}

void TestPostgres::stop() {
  if (pid_ <= 0) return;
  const auto end = std::chrono::steady_clock::now() + kStopMax;
  kill(pid_, SIGINT);
  while (waitpid(pid_, nullptr, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > end) kill(pid_, SIGQUIT);
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
  pid_ = -1;
}

void TestPostgres::crash() {
  if (pid_ <= 0) return;
  kill(pid_, SIGQUIT);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

void TestPostgres::reload() const { kill(pid_, SIGHUP); }

namespace {

// The server and its children: the kernel lists them.
void signal_all(pid_t server, int signal) {
  kill(server, signal);
  const std::string list = content_of("/proc/" + std::to_string(server) + "/task/" +
                                      std::to_string(server) + "/children");
  std::size_t at = 0;
  while (at < list.size()) {
    const auto end = std::min(list.find(' ', at), list.size());
    if (end > at) kill(static_cast<pid_t>(std::stol(list.substr(at, end - at))), signal);
    at = end + 1;
  }
}

}  // namespace

void TestPostgres::freeze() const { signal_all(pid_, SIGSTOP); }
void TestPostgres::thaw() const { signal_all(pid_, SIGCONT); }

}  // namespace tandem
