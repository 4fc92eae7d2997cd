// What our clients make of the recorded answers by which the prerequisites of a pair are judged.
#pragma once

#include <optional>

#include "tests/contracts/exchanges/client_world.h"

namespace tandem::exchanges {

std::optional<Error> read_tenants(ClientWorld& world, const Recording& recording);
std::optional<Error> read_trunks(ClientWorld& world, const Recording& recording);
std::optional<Error> read_registration(ClientWorld& world, const Recording& recording);
std::optional<Error> read_installed_plugins(ClientWorld& world, const Recording& recording);

}  // namespace tandem::exchanges
