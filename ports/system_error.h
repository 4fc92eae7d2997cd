// From errno to a Fault and a sentence.
#pragma once

#include <string>

#include "core/result.h"

namespace tandem {

Fault fault_of(int error);

// "SUBJECT: cannot ACT: No such file or directory".
Error system_error(const std::string& subject, const std::string& act, int error);

}  // namespace tandem
