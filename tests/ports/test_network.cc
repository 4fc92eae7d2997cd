#include "tests/ports/test_network.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

namespace tandem {
namespace {

void end_of(pid_t pid) {
  if (pid <= 0) return;
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
}

}  // namespace

bool shell(const std::string& command) {
  return std::system(("{ " + command + "; } >/dev/null 2>&1").c_str()) == 0;
}

bool ip(const std::string& words) { return shell("ip " + words); }

Elsewhere::Elsewhere() {
  int ready[2];
  if (pipe(ready) != 0) return;
  pid_ = fork_bound();
  if (pid_ == 0) {
    const char good = unshare(CLONE_NEWNET) == 0 ? 'y' : 'n';
    if (write(ready[1], &good, 1) == 1)
      while (true) pause();
    _exit(0);
  }
  char good = 'n';
  ok_ = pid_ > 0 && read(ready[0], &good, 1) == 1 && good == 'y';
  close(ready[0]);
  close(ready[1]);
}

Elsewhere::~Elsewhere() {
  end_of(worker_);
  end_of(pid_);
}

bool Elsewhere::shell(const std::string& command) const {
  return tandem::shell("nsenter --net=/proc/" + pid() + "/ns/net sh -c '" + command + "'");
}

void Elsewhere::end_started() {
  end_of(worker_);
  worker_ = -1;
}

bool Elsewhere::start(const std::function<void()>& act) {
  worker_ = fork_bound();
  if (worker_ != 0) return worker_ > 0;
  const int space = open(("/proc/" + pid() + "/ns/net").c_str(), O_RDONLY | O_CLOEXEC);
  if (space >= 0 && setns(space, CLONE_NEWNET) == 0) act();
  _exit(0);
}

TestNetwork::TestNetwork() {
  ok_ =
      there_.ok() && ip("link add near type veth peer name far netns " + there_.pid()) &&
      ip("addr add 192.0.2.10/24 dev near") && ip("link set near up") && ip("link set lo up") &&
      there_.shell("ip addr add 192.0.2.11/24 dev far && ip link set far up && ip link set lo up");
}

}  // namespace tandem
