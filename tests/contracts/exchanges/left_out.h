// Which recordings are not replayed, and why. The test holds these tables to the letter: fewer
// replays, or an entry that nothing needs, fail it.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "tests/contracts/exchanges/recording.h"

namespace tandem::exchanges {

struct LeftOut {
  std::string reason;
  std::vector<std::string> names;  // whole, or their beginning with a '*'
};

const std::vector<LeftOut>& left_out_by_the_stand_in();
const std::vector<LeftOut>& left_out_by_the_client();

// A sentence for each recording that is neither among `done` nor in the table, and for each entry
// that names nothing or what was done.
std::vector<std::string> complaints(const Recordings& recordings, const std::set<std::string>& done,
                                    const std::vector<LeftOut>& table);

// The table as text, each name with the number of recordings it stands for.
std::string listed(const Recordings& recordings, const std::vector<LeftOut>& table);

}  // namespace tandem::exchanges
