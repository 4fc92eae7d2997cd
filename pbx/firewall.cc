#include "pbx/firewall.h"

#include <fmt/format.h>

#include <sstream>

namespace tandem {
namespace {

constexpr const char* kProgram =
    "/usr/sbin/iptables";  // -w: waits for another iptables, in seconds

// Every word of the rule has to be known: one that is not makes it narrower than the vendor's.
bool blocks(const std::string& rule, const std::string& port) {
  std::istringstream words(rule);
  bool udp = false, ours = false, drops = false;
  std::string word, value;
  if (!(words >> word >> value) || word != "-A" || value != "INPUT") return false;
  while (words >> word) {
    if (!(words >> value)) return false;
    if (word == "-p")
      udp = value == "udp";
    else if (word == "--dport")
      ours = value == port;
    else if (word == "-j")
      drops = value == "DROP";
    else if (word != "-m" || value != "udp")
      return false;
  }
  return udp && ours && drops;
}

}  // namespace

std::vector<std::string> list_input_rules() { return {kProgram, "-w", "2", "-S", "INPUT"}; }

std::size_t blocking_rules(std::string_view rules, int port) {
  std::istringstream lines{std::string(rules)};
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line);)
    if (blocks(line, std::to_string(port))) ++count;
  return count;
}

std::vector<std::string> unblock(int port) {
  return {kProgram, "-w",  "2", "-D", "INPUT", "-p", "udp", "--dport", std::to_string(port),
          "-j",     "DROP"};
}

std::string unblock_command(int port) {
  return fmt::format("iptables -D INPUT -p udp --dport {} -j DROP", port);
}

}  // namespace tandem
