// What must hold between several fields: clashes and impossible timings. A check is left out where
// one of its fields was refused already.
#pragma once

#include "core/pair.h"
#include "core/spec_reader.h"

namespace tandem {

void check_pair(const HAPair& pair, SpecDocument& document);
void check_operator(const OperatorConfig& config, SpecDocument& document);

}  // namespace tandem
