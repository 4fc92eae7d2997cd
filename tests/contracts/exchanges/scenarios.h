// The recordings in an order that makes sense, each on a node in the state that it needs.
#pragma once

#include "tests/contracts/exchanges/replay_node.h"

namespace tandem::exchanges {

void replay_auth(Replays& replays);
void replay_confd(Replays& replays);
void replay_confd_sip(Replays& replays);
void replay_confd_ha(Replays& replays);
void replay_provd(Replays& replays);
void replay_provd_devices_and_plugins(Replays& replays);
void replay_sysconfd(Replays& replays);
void replay_nginx(Replays& replays);

}  // namespace tandem::exchanges
