// Runs a program that may talk to the person at the terminal.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "core/result.h"

namespace tandem {

// Unlike Process::run, the program keeps our terminal, so that it can ask there, and what it writes
// goes to our standard error. `input` is its standard input. Waits for its end, at most until the
// deadline (timed_out; it is ended). Its exit status; 128 + N where signal N ended it.
Result<int> run_in_foreground(const std::vector<std::string>& argv, const std::string& input,
                              std::chrono::seconds deadline);

}  // namespace tandem
