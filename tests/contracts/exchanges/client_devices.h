// What the client of provd's devices and operations makes of the recorded answers.
#pragma once

#include <optional>

#include "tests/contracts/exchanges/client_world.h"

namespace tandem::exchanges {

std::optional<Error> read_devices(ClientWorld& world, const Recording& recording);
std::optional<Error> read_synchronize(ClientWorld& world, const Recording& recording);
std::optional<Error> read_operation(ClientWorld& world, const Recording& recording);
std::optional<Error> read_operation_deleted(ClientWorld& world, const Recording& recording);

}  // namespace tandem::exchanges
