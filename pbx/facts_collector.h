// Asks this node for its facts. Read-only, and bounded by the deadlines of its questions, which go
// at the same time; what can not be told is told so, with the reason.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/pair.h"
#include "pbx/confd.h"
#include "pbx/node_facts.h"
#include "pbx/profile.h"
#include "pbx/provd.h"
#include "ports/clock.h"
#include "ports/filesystem.h"
#include "ports/sql.h"

namespace tandem {

// What the collector is told by whoever runs it.
struct FactsRequest {
  Product product = Product::wazo;
  std::string tandem_version;
  std::string spec_hash;
  std::string state_dir;  // below the root, where it is there; its disk counts too
};

class FactsCollector {
 public:
  // The node's own database, with the password as it is now.
  using Server = std::function<Result<SqlTarget>()>;

  struct Parts {
    Filesystem& files;  // of the node, below its root
    Confd& confd;
    Provd& provd;
    Sql& sql;
    Server server;
    Clock& clock;
  };

  explicit FactsCollector(Parts parts) : parts_(std::move(parts)) {}

  Task<NodeFacts> collect(FactsRequest request);

 private:
  void read_identity(NodeFacts& facts);
  void read_version(const Profile& profile, NodeFacts& facts);
  void read_rooms(const std::string& state_dir, NodeFacts& facts);
  void read_plugin_folders(const Profile& profile, NodeFacts& facts);
  Task<void> ask_wizard(NodeFacts& facts);
  Task<void> ask_plugins(const Profile& profile, NodeFacts& facts);
  Task<void> ask_postgres(NodeFacts& facts);

  Parts parts_;
};

}  // namespace tandem
