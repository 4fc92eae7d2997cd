// A node of the stand-in, asked what was recorded.
#pragma once

#include <filesystem>
#include <initializer_list>
#include <memory>
#include <set>
#include <string>

#include "tests/contracts/exchanges/likeness.h"
#include "tests/contracts/exchanges/recording.h"
#include "tests/wazo_sim/simulator.h"

namespace tandem::exchanges {

// What the replays share: the recordings, and which of them have been replayed.
struct Replays {
  const Recordings& recordings;
  std::set<std::string> done;
};

class ReplayNode {
 public:
  enum class Start { configured, before_the_wizard };

  explicit ReplayNode(Replays& replays, Start start = Start::configured);
  ~ReplayNode();
  ReplayNode(const ReplayNode&) = delete;
  ReplayNode& operator=(const ReplayNode&) = delete;

  // Sends the recorded requests in this order, each with the token at hand, and compares the
  // answers. A difference fails the test; it goes on.
  void replay(std::initializer_list<const char*> names);
  // Each with the name's part that all have in front: replay_all("confd-", {"infos", "status"}).
  void replay_all(const std::string& prefix, std::initializer_list<const char*> names);

  // What is sent in place of "<token>" and "<basic credentials>" from now on.
  void present(const std::string& token) { token_ = token; }
  void present_credentials(const std::string& pair);
  const std::string& token() const { return token_; }
  // A token of the operator, who holds every right, or of a new user with these rights.
  std::string full_token(int seconds = 3600);
  std::string token_with(const Json& acl, const std::string& tenant = "");

  // The control endpoint; fails the test where it refuses.
  Json control(const std::string& method, const std::string& path, const Json& body = Json());
  void fault(const Json& fault) { control("POST", "/faults", fault); }
  void no_faults() { control("DELETE", "/faults"); }
  // The tenant that the recordings know, with or without its templates.
  void add_subtenant(bool with_templates);
  // Asks what no recording holds, with the token at hand; its status.
  int ask(const std::string& service, const std::string& method, const std::string& path,
          const std::string& body = "");

  // The node's disk.
  std::filesystem::path path(const std::string& file) const { return folder_ / "root" / file; }
  std::string read(const std::string& file) const;
  void write(const std::string& file, const std::string& text) const;
  void remove(const std::string& file) const;

  Bindings bindings;

 private:
  void replay_one(const Recording& recording);
  std::string new_token(const std::string& pair, int seconds);

  Replays& replays_;
  std::filesystem::path folder_;
  std::unique_ptr<wazo_sim::Simulator> node_;
  std::string token_;
  std::string credentials_;  // in base64
};

}  // namespace tandem::exchanges
