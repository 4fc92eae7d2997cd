#include "pbx/fail2ban.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <sstream>
#include <utility>

#include "core/wording.h"

namespace tandem {
namespace {

constexpr std::string_view kPrompt = "fail2ban> ";
constexpr std::string_view kListed = "These IP addresses/networks are ignored:";
constexpr std::string_view kNone = "No IP address/network is ignored";

// A name that stands for itself on a line of commands.
bool is_plain(const std::string& name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_.:@+").find(c) != std::string_view::npos;
  });
}

std::set<std::string> words_in(std::string_view text) {
  std::istringstream words{std::string(text)};
  std::set<std::string> found;
  for (std::string word; words >> word;) found.insert(word);
  return found;
}

std::optional<std::uint32_t> number_of(const std::string& address) {
  in_addr parsed{};
  if (inet_pton(AF_INET, address.c_str(), &parsed) != 1) return std::nullopt;
  return ntohl(parsed.s_addr);
}

bool holds(const std::string& network, std::uint32_t address) {
  const auto slash = network.find('/');
  const auto base = number_of(network.substr(0, slash));
  if (!base) return false;
  unsigned bits = 32;
  if (slash != std::string::npos) {
    const char* const end = network.data() + network.size();
    const auto read = std::from_chars(network.data() + slash + 1, end, bits);
    if (read.ec != std::errc() || read.ptr != end || bits > 32) return false;
  }
  const std::uint32_t mask = bits == 0 ? 0 : ~std::uint32_t{0} << (32U - bits);
  return (*base & mask) == (address & mask);
}

// The answers of the client's interactive form, each behind its prompt.
std::vector<std::string_view> answers_in(std::string_view output) {
  std::vector<std::string_view> answers;
  for (auto at = output.find(kPrompt); at != std::string_view::npos;) {
    const auto begin = at + kPrompt.size();
    at = output.find(kPrompt, begin);
    answers.push_back(output.substr(begin, at == std::string_view::npos ? at : at - begin));
  }
  return answers;
}

}  // namespace

bool ignores(const Jail& jail, std::string_view address) {
  const auto number = number_of(std::string(address));
  return number && std::ranges::any_of(jail.ignored, [&](const std::string& network) {
           return holds(network, *number);
         });
}

std::optional<std::vector<std::string>> jails_in(std::string_view answer) {
  constexpr std::string_view kList = "Jail list:";
  const auto at = answer.find(kList);
  if (at == std::string_view::npos) return std::nullopt;
  const auto begin = at + kList.size();
  std::string line(answer.substr(begin, answer.find('\n', begin) - begin));
  std::ranges::replace(line, ',', ' ');
  const auto names = words_in(line);
  return std::vector<std::string>(names.begin(), names.end());
}

std::optional<std::set<std::string>> ignored_in(std::string_view answer) {
  if (answer.find(kNone) != std::string_view::npos) return std::set<std::string>();
  if (answer.find(kListed) == std::string_view::npos) return std::nullopt;
  std::set<std::string> addresses;
  std::istringstream lines{std::string(answer)};
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("|- ") || line.starts_with("`- ")) addresses.insert(line.substr(3));
  return addresses;
}

Task<Result<std::string>> Fail2ban::call(std::vector<std::string> words, std::string input) {
  Command command;
  command.argv.emplace_back(kClient);
  for (std::string& word : words) command.argv.push_back(std::move(word));
  command.input = std::move(input);
  command.deadline = kCallLimit;
  command.output_max = kOutputMax;
  const auto outcome = co_await commands_.run(std::move(command));
  if (!outcome.ok()) co_return in_context("fail2ban", outcome.error());
  const CommandOutcome& ended = outcome.value();
  if (ended.succeeded() && !ended.output_cut) co_return ended.output;
  if (ended.output_cut) co_return Error{Fault::too_large, "fail2ban: its client wrote too much"};
  const std::string said = last_foreign_line(ended.errors.empty() ? ended.output : ended.errors);
  co_return Error{Fault::unavailable,
                  fmt::format("fail2ban: its client failed{}{}", said.empty() ? "" : ": ", said)};
}

Task<Result<std::map<std::string, Jail>>> Fail2ban::jails() {
  std::vector<std::string> status{"status"};
  const auto list = co_await call(std::move(status));
  if (!list.ok()) co_return list.error();
  const auto names = jails_in(list.value());
  if (!names) co_return Error{Fault::unavailable, "fail2ban: its client told no list of jails"};
  if (names->size() > kJailsMax)
    co_return Error{Fault::too_large, fmt::format("fail2ban: more than {} jails", kJailsMax)};

  std::string questions;
  for (const std::string& name : *names) {
    if (!is_plain(name))
      co_return Error{Fault::invalid, "fail2ban: the name of a jail is no word: " + name};
    questions += fmt::format("get {0} ignoreip\nget {0} banip\n", name);
  }
  std::map<std::string, Jail> jails;
  if (names->empty()) co_return jails;
  std::vector<std::string> interactive{"-i"};
  const auto told = co_await call(std::move(interactive), questions + "quit\n");
  if (!told.ok()) co_return told.error();
  const auto answers = answers_in(told.value());
  for (std::size_t i = 0; i < names->size(); ++i) {
    const std::string& name = (*names)[i];
    auto ignored = 2 * i + 1 < answers.size() ? ignored_in(answers[2 * i]) : std::nullopt;
    if (!ignored)  // it went away meanwhile, or the server did
      co_return Error{Fault::unavailable,
                      fmt::format("fail2ban: it did not tell what jail {} ignores", name)};
    jails[name] = {std::move(*ignored), words_in(answers[2 * i + 1])};
  }
  co_return jails;
}

Task<Status> Fail2ban::set(std::string jail, std::string verb, std::string address) {
  std::vector<std::string> words{"set"};
  words.push_back(std::move(jail));
  words.push_back(std::move(verb));
  words.push_back(std::move(address));
  const auto done = co_await call(std::move(words));
  if (!done.ok()) co_return done.error();
  co_return success();
}

Task<Status> Fail2ban::ignore(std::string jail, std::string address) {
  co_return co_await set(std::move(jail), "addignoreip", std::move(address));
}

Task<Status> Fail2ban::stop_ignoring(std::string jail, std::string address) {
  const auto done = co_await set(std::move(jail), "delignoreip", std::move(address));
  // The words of Python's list, which the server repeats.
  if (!done.ok() && done.error().message.find("not in list") != std::string::npos)
    co_return success();
  co_return done;
}

Task<Status> Fail2ban::unban(std::string jail, std::string address) {
  co_return co_await set(std::move(jail), "unbanip", std::move(address));
}

}  // namespace tandem
