// What a person does about it, the most pressing first; a part of core/night.h.
#pragma once

#include <vector>

#include "core/night.h"

namespace tandem {

std::vector<NightAdvice> night_advice(const NightFacts& facts);

// Whether any of it is for now.
NightAnswer what_now(const NightFacts& facts, const std::vector<NightAdvice>& advice);

}  // namespace tandem
