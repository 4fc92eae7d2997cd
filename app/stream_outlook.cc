#include "app/stream_outlook.h"

#include <stop_token>

#include "pbx/postgres_password.h"
#include "ports/libpq_databases.h"
#include "replication/stream/servers.h"

namespace tandem {
namespace {

bool streams(const HAPair& pair) {
  return pair.replication.database_mode == Replication::DatabaseMode::stream;
}

}  // namespace

std::vector<std::string> stream_outlook(Node& node, const HAPair* before, const HAPair& pair) {
  const bool copies = pair.enabled && pair.primary.name == node.config.node &&
                      pair.replication.owner == Owner::tandem;
  if (!copies || (!streams(pair) && (before == nullptr || !streams(*before)))) return {};
  auto own = node.own_database();
  if (!own.ok()) return {"the stream was not looked at: " + own.error().message};
  stream::Places places;
  places.product = pair.product;
  places.exclude_tables = pair.replication.exclude_tables;
  places.secondary = {peer_dsn(node.config.postgres_peer_dsn, pair.secondary.address),
                      own.value().password};
  places.primary = std::move(own).value();
  LibpqDatabases databases;
  const auto seen = stream::Servers(databases, places, std::stop_token()).look();
  if (!seen.ok()) return {"the stream was not looked at: " + seen.error().message};
  std::vector<std::string> told;
  for (const std::string& sentence : stream::outlook(streams(pair), seen.value()))
    told.push_back("the stream: " + sentence);
  return told;
}

}  // namespace tandem
