// A fail2ban server behind its client, in memory; as 1.0.2 of Debian 12 words it.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "pbx/fail2ban.h"
#include "tests/fakes/fake_process.h"
#include "tests/fakes/memory_filesystem.h"

namespace tandem::fakes {

class FakeFail2ban {
 public:
  FakeFail2ban(FakeProcess& programs, MemoryFilesystem& files) : files_(files) {
    programs.programs[Fail2ban::kClient] = [this](const Command& command) {
      return client(command);
    };
    files_.files[Fail2ban::kClient] = "";
    jails["asterisk-wazo"] = jails["sshd"] = configured_;
    start();
  }

  std::map<std::string, Jail> jails;

  void stop() {
    running_ = false;
    files_.files.erase(Fail2ban::kSocket);
    files_.files.erase(Fail2ban::kPidFile);
  }
  // As by a restart: what was set by the client is gone.
  void start() {
    running_ = true;
    for (auto& [name, jail] : jails) jail.ignored = configured_.ignored;
    files_.files[Fail2ban::kSocket] = "";
    files_.files[Fail2ban::kPidFile] = std::to_string(++runs_) + "\n";
  }
  // As by a reload: the same, and the socket stays.
  void reload() {
    for (auto& [name, jail] : jails) jail.ignored = configured_.ignored;
  }
  // A change of the administrator's configuration; takes effect with the next start.
  void configure(const std::string& address) { configured_.ignored.insert(address); }

 private:
  Result<CommandOutcome> client(const Command& command) {
    if (!running_)
      return exits(255, "",
                   "Failed to access socket path: /run/fail2ban/fail2ban.sock. Is "
                   "fail2ban running?\n");
    std::vector<std::string> words(command.argv.begin() + 1, command.argv.end());
    if (words != std::vector<std::string>{"-i"}) {
      const auto [status, text] = answer(words);
      return status == 0 ? exits(0, text) : exits(status, text, "ERROR   NOK: ('" + text + "',)\n");
    }
    std::string output = "Fail2Ban v1.0.2 reads log file that contains password failure report\n\n";
    std::istringstream lines(command.input);
    for (std::string line; std::getline(lines, line) && line != "quit";) {
      std::istringstream in(line);
      std::vector<std::string> typed;
      for (std::string word; in >> word;) typed.push_back(word);
      output += "fail2ban> " + answer(typed).second;
    }
    return exits(0, output + "fail2ban> ");
  }

  std::pair<int, std::string> answer(const std::vector<std::string>& words) {
    if (words == std::vector<std::string>{"status"}) return {0, status()};
    const auto jail = words.size() < 3 ? jails.end() : jails.find(words[1]);
    if (jail == jails.end()) return {255, "Sorry but the jail '...' does not exist\n"};
    if (words[0] == "get")
      return {0, words[2] == "banip" ? banned(jail->second) : ignored(jail->second)};
    return set(jail->second, words[2], words[3]);
  }

  std::string status() const {
    std::string list;
    for (const auto& [name, jail] : jails) list += (list.empty() ? "" : ", ") + name;
    return "Status\n|- Number of jail:\t" + std::to_string(jails.size()) + "\n`- Jail list:\t" +
           list + "\n";
  }

  static std::string ignored(const Jail& jail) {
    if (jail.ignored.empty()) return "No IP address/network is ignored\n";
    std::string text = "These IP addresses/networks are ignored:\n";
    for (const auto& address : jail.ignored)
      text += (address == *jail.ignored.rbegin() ? "`- " : "|- ") + address + "\n";
    return text;
  }
  static std::string banned(const Jail& jail) {
    std::string text;
    for (const auto& address : jail.banned) text += address + "\n";
    return text.empty() ? "\n" : text;
  }

  std::pair<int, std::string> set(Jail& jail, const std::string& verb, const std::string& address) {
    if (verb == "unbanip") {
      const bool was = jail.banned.erase(address) > 0;
      return {0, was ? "1\n" : "0\n"};
    }
    if (verb == "addignoreip") jail.ignored.insert(address);
    if (verb == "delignoreip" && jail.ignored.erase(address) == 0)
      return {255, "list.remove(x): x not in list\n"};
    return {0, ignored(jail)};
  }

  MemoryFilesystem& files_;
  Jail configured_{{"127.0.0.0/8", "::1"}, {}};
  bool running_ = false;
  int runs_ = 100;
};

}  // namespace tandem::fakes
