// Everything of one node, wired by hand: the ports, the vendor's services, the resources.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <vector>

#include "core/pair.h"
#include "pbx/auth.h"
#include "pbx/confd.h"
#include "pbx/facts_collector.h"
#include "pbx/peer_ssh.h"
#include "pbx/postgres_server.h"
#include "pbx/provd.h"
#include "pbx/provd_devices.h"
#include "pbx/provd_documents.h"
#include "pbx/sip.h"
#include "pbx/user_features.h"
#include "ports/cpprest_http.h"
#include "ports/dbus_units.h"
#include "ports/pqxx_sql.h"
#include "ports/preferred_process.h"
#include "ports/real_activity.h"
#include "ports/real_clock.h"
#include "ports/real_datagrams.h"
#include "ports/real_filesystem.h"
#include "ports/real_network.h"
#include "ports/real_process.h"
#include "ports/real_reachability.h"
#include "ports/rooted_process.h"
#include "ports/transient_process.h"
#include "reconciler/managed.h"
#include "reconciler/node_surroundings.h"
#include "reconciler/spec_keeper.h"
#include "resources/phones_record.h"
#include "resources/relay_memory.h"
#include "resources/role_record.h"
#include "resources/services.h"
#include "resources/sip_expiry.h"
#include "resources/unconfirmed.h"

namespace tandem {

class Node {
 public:
  // `remember` false: the state directory is only read (`plan`).
  Node(boost::asio::io_context& io, OperatorConfig config, bool remember);
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  // Who is told what the resources see, beside the reports.
  struct Told {
    Services::Told services;
    RegistrationExpiry::Told expiry;
  };
  // The list of resources: adding one is a line in node.cc.
  std::vector<std::unique_ptr<Managed>> make_resources(const Told& told = {});
  static std::vector<std::string> resource_names();

  // How the node's own database is reached, as the role tandem. Fails while there is no password.
  Result<SqlTarget> own_database();

  // What this node tells of itself to the other one, beside what is asked of it.
  FactsRequest facts_request(Product product) const;

  const OperatorConfig config;

  RealClock clock;
  RealFilesystem disk;   // at `/`: the pair file, the state directory, the secrets
  RealFilesystem files;  // at config.root: everything of the vendor's
  RealNetwork network;
  RealActivity activity;
  RealReachability reachability;
  CpprestHttp http;
  PqxxSql sql;
  SystemBus bus;  // of the managed root's systemd
  DbusUnits units;
  RealProcess programs;        // of this host
  RootedProcess children;      // of the managed root
  TransientProcess transient;  // of the managed root, by its systemd
  PreferredProcess commands;   // of the managed root: the way that `commands` chooses

  RealDatagrams datagrams;
  Sip sip;

  Auth auth;
  Confd confd;
  UserSettings user_settings;
  Provd provd;
  ProvdDevices devices;
  ProvdDocuments provd_documents;
  PostgresServer postgres;
  Unconfirmed unconfirmed;
  Unconfirmed owed_commands;
  RelayMemory relays;
  FactsCollector facts;
  PeerSsh peer_ssh;
  Unconfirmed postgres_reloads;  // what our PostgreSQL may not have read yet
  RoleRecord role;
  PhonesRecord phones;

  NodeSurroundings surroundings;
  SpecKeeper specs;
};

}  // namespace tandem
