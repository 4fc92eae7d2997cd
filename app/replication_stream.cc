// What the stream of the database asks of the node.
#include <fmt/format.h>

#include "app/replication_service.h"
#include "pbx/postgres_password.h"

namespace tandem {

// The role of the stream reaches this node's own server as ours does.
Result<SqlTarget> ReplicationService::slots() const {
  auto own = parts_.node.own_database();
  if (!own.ok()) return own.error();
  SqlTarget target = std::move(own).value();
  target.dsn += fmt::format(" user={}", kStreamRole);
  target.password = stream_password(target.password);
  return target;
}

// With the limits of every session to the other node: a cut is noticed within seconds.
Result<std::string> ReplicationService::stream_connection() const {
  const auto& accepted = parts_.loop.spec().accepted;
  if (!accepted) return Error{Fault::unavailable, "no declaration is in force"};
  auto own = parts_.node.own_database();
  if (!own.ok()) return own.error();
  return fmt::format(
      "{} user={} password={} connect_timeout=5 keepalives_idle=5 keepalives_interval=2 "
      "keepalives_count=3 tcp_user_timeout=8000",
      peer_dsn(parts_.node.config.postgres_peer_dsn, accepted->primary.address), kStreamRole,
      stream_password(own.value().password));
}

bool ReplicationService::streams() const {
  const auto& accepted = parts_.loop.spec().accepted;
  return keeper_.is_in_charge() && accepted &&
         accepted->replication.database_mode == Replication::DatabaseMode::stream;
}

StreamWarden::Parts ReplicationService::warden_parts() {
  StreamWarden::Parts parts{parts_.node.clock,
                            parts_.node.sql,
                            [this] { return parts_.node.own_database(); },
                            [this] { return said(); },
                            [this] { return stream_connection(); },
                            [this](std::string statements) {
                              return parts_.node.postgres.run_in_database(std::move(statements));
                            },
                            [this] { parts_.loop.turn_soon(); }};
  return parts;
}

StreamWatch::Parts ReplicationService::watch_parts() {
  StreamWatch::Parts parts{
      parts_.node.clock,
      parts_.node.sql,
      [this] { return streams(); },
      [this] { return streams() && parts_.loop.facts().upgrade.verdict == Verdict::bad; },
      [this] { return parts_.node.own_database(); },
      [this] { return slots(); },
      [this] { database_.hurry(); }};
  return parts;
}

}  // namespace tandem
