// Whether a document of the API says something else than before, beside what moves by itself.
#pragma once

#include <cstdint>

#include "app/documents.h"

namespace tandem {

// Differs, but for chance, where a word, a truth or a name differs. Numbers and the digits in texts
// do not count, since ages, times and counts move all the time; epochs and generations do.
std::uint64_t fingerprint(const OrderedJson& document);

}  // namespace tandem
