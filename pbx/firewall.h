// The firewall rule by which the vendor's stop keeps phones away: it inserts one that drops UDP to
// the SIP port, and its start takes one away. What is killed in between, or stopped twice, leaves
// one behind.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tandem {

// Prints the rules of INPUT, one a line, as iptables(8) would be told them.
std::vector<std::string> list_input_rules();

// How many of the rules drop all of UDP to `port`. A rule for certain senders is a ban, and not
// counted.
std::size_t blocking_rules(std::string_view rules, int port);

// Takes one such rule away.
std::vector<std::string> unblock(int port);
// The same, for a person.
std::string unblock_command(int port);

}  // namespace tandem
