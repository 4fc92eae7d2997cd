// Network namespaces of a test's own: another host, and the cable to it.
#pragma once

#include <sched.h>
#include <sys/types.h>

#include <functional>
#include <string>

#include "tests/ports/temporary_folder.h"

namespace tandem {

// Whether the command, words of the test's own, ended well. Its output is dropped.
bool shell(const std::string& command);
// ip(8) in the namespace of this process.
bool ip(const std::string& words);

// A process in a network namespace of its own; ends with the object.
class Elsewhere {
 public:
  Elsewhere();
  Elsewhere(const Elsewhere&) = delete;
  Elsewhere& operator=(const Elsewhere&) = delete;
  ~Elsewhere();

  bool ok() const { return ok_; }
  std::string pid() const { return std::to_string(pid_); }
  bool shell(const std::string& command) const;
  // Runs `act` there, in a child that ends with the object, by end_started() or by itself.
  bool start(const std::function<void()>& act);
  void end_started();

 private:
  pid_t pid_ = -1;
  pid_t worker_ = -1;
  bool ok_ = false;
};

// This namespace is 192.0.2.10 at `near`, the other one 192.0.2.11 at `far`; a /24. Made in a
// namespace that is fresh.
class TestNetwork {
 public:
  static constexpr const char* kHere = "192.0.2.10";
  static constexpr const char* kThere = "192.0.2.11";
  static constexpr const char* kNobody = "192.0.2.99";

  TestNetwork();
  bool ok() const { return ok_; }
  Elsewhere& there() { return there_; }

 private:
  Elsewhere there_;
  bool ok_ = false;
};

// Runs `body` in a fresh network, in a child; what it returns, or kNotPermitted where the host lets
// nobody have one.
template <class Body>
int in_a_fresh_network(Body body) {
  return in_child([&] { return unshare(CLONE_NEWNET) == 0 ? body() : kNotPermitted; });
}

// The same with the other host. A host that has the right and the tools, and where it fails all the
// same, fails the test.
template <class Body>
int in_a_test_network(Body body) {
  return in_a_fresh_network([&] {
    TestNetwork network;
    return network.ok() ? body(network) : 98;
  });
}

}  // namespace tandem
