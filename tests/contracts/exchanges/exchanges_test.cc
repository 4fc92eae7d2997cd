// Replays what was recorded from the real services: the requests to the stand-in, the answers to
// our clients. Prints what was left out and why.
#include <gtest/gtest.h>

#include <iostream>

#include "tests/contracts/exchanges/client_reading.h"
#include "tests/contracts/exchanges/left_out.h"
#include "tests/contracts/exchanges/scenarios.h"

namespace tandem::exchanges {
namespace {

std::set<std::string> replay_to_the_stand_in(const Recordings& recordings) {
  Replays replays{recordings, {}};
  replay_auth(replays);
  replay_confd(replays);
  replay_confd_sip(replays);
  replay_confd_ha(replays);
  replay_provd(replays);
  replay_provd_devices_and_plugins(replays);
  replay_sysconfd(replays);
  replay_nginx(replays);
  return replays.done;
}

void report(const std::string& side, const Recordings& recordings,
            const std::set<std::string>& done, const std::vector<LeftOut>& table) {
  std::cout << side << " " << done.size() << ", left out " << recordings.size() - done.size()
            << ":\n"
            << listed(recordings, table);
  for (const std::string& complaint : complaints(recordings, done, table))
    ADD_FAILURE() << side << ": " << complaint;
}

TEST(Exchanges, AreReplayedInBothDirections) {
  const Recordings recordings = load_recordings();
  const auto replayed = replay_to_the_stand_in(recordings);
  const auto read = read_with_the_clients(recordings);
  const auto refusals = read_refusals(recordings, read);

  std::cout << "recordings of " << raw_folder().value_or("the project's own fixtures") << '\n';
  report("stand-in: replayed", recordings, replayed, left_out_by_the_stand_in());
  report("client: read", recordings, read, left_out_by_the_client());
  std::cout << "client: of those left out, " << refusals.size()
            << " refusals were read by what all clients share\n";

  std::size_t neither = 0;
  for (const auto& [name, recording] : recordings)
    if (!replayed.contains(name) && !read.contains(name)) ++neither;
  std::cout << "exchanges: " << recordings.size() << " recorded; stand-in " << replayed.size()
            << " replayed, client " << read.size() << " read, " << neither << " left out\n";
}

}  // namespace
}  // namespace tandem::exchanges
