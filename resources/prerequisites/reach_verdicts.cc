#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "resources/prerequisites/verdicts.h"

namespace tandem {
namespace {

Condition condition(const char* type, Truth status, std::string reason, std::string message) {
  return {type, status, std::move(reason), std::move(message), true};
}

struct Door {
  const char* type;
  const char* server;
  std::uint16_t port;
  const char* start;  // what makes it listen
};

// Whether the other node let us in where `answer` was asked for.
Condition door(const Door& door, const Goal& goal, const Result<std::string>& answer) {
  if (answer.ok())
    return condition(door.type, Truth::yes, "Reachable",
                     fmt::format("{} of {} answers", door.server, goal.peer_address));
  const Error& error = answer.error();
  switch (error.fault) {
    case Fault::connection_refused:
      return condition(door.type, Truth::no, "Refused",
                       fmt::format("{}; on {}: {}", error.message, goal.peer_address, door.start));
    case Fault::timed_out:
    case Fault::connection_cut:
    case Fault::unavailable:
      return condition(
          door.type, Truth::no, "NoAnswer",
          fmt::format("{}; if the node is up, a firewall is in the way, and {} must let {} in: "
                      "iptables -I INPUT -p tcp -s {} --dport {} -j ACCEPT",
                      error.message, goal.peer_address, goal.own_address, goal.own_address,
                      door.port));
    default: return condition(door.type, Truth::unknown, "NotAsked", error.message);
  }
}

Result<std::string> not_asked() { return Error{Fault::cancelled, "it was not asked yet"}; }

std::optional<std::uint32_t> number_of(const std::string& address) {
  in_addr parsed{};
  if (inet_pton(AF_INET, address.c_str(), &parsed) != 1) return std::nullopt;
  return ntohl(parsed.s_addr);
}

// Whether `address` is in the network of the interface.
bool shares_a_network(const LocalAddress& local, const std::string& address) {
  const auto here = number_of(local.address), there = number_of(address);
  if (!here || !there) return false;
  const std::uint32_t mask = local.prefix <= 0 ? 0 : ~std::uint32_t{0} << (32 - local.prefix);
  return (*here & mask) == (*there & mask);
}

}  // namespace

Condition ssh_reachable(const Goal& goal, const Answers& answers) {
  constexpr Door kDoor{"PeerSshReachable", "sshd", 22, "systemctl start ssh"};
  return door(kDoor, goal, answers.ssh.value_or(not_asked()));
}

Condition postgres_reachable(const Goal& goal, const Answers& answers) {
  constexpr Door kDoor{"PeerPostgresReachable", "PostgreSQL", 5432,
                       "tandem plan, whose postgres-access lets it listen there; then systemctl "
                       "start postgresql"};
  return door(kDoor, goal, answers.postgres.value_or(not_asked()));
}

Condition ping_allowed(const Goal& goal, const Answers& answers) {
  constexpr const char* kType = "PeerPingAllowed";
  if (!answers.echo) return condition(kType, Truth::unknown, "NotAsked", "it was not asked yet");
  if (answers.echo->ok()) {
    const auto took = std::chrono::duration<double, std::milli>(answers.echo->value()).count();
    return condition(kType, Truth::yes, "Answered",
                     fmt::format("{} answers ping in {:.2f} ms", goal.peer_address, took));
  }
  const Error& error = answers.echo->error();
  if (error.fault == Fault::timed_out || error.fault == Fault::unavailable ||
      error.fault == Fault::connection_refused)
    return condition(
        kType, Truth::no, "NoEcho",
        fmt::format("{}; if the node is up, a firewall is in the way, and {} must answer {}: "
                    "iptables -I INPUT -p icmp --icmp-type echo-request -s {} -j ACCEPT",
                    error.message, goal.peer_address, goal.own_address, goal.own_address));
  const char* const reason = error.fault == Fault::denied ? "MayNotPing" : "NotAsked";
  return condition(kType, Truth::unknown, reason, error.message);
}

Condition subnets_differ(const Goal& goal, const Answers& answers) {
  Condition told{"SubnetsDiffer", Truth::unknown, "NotReadable", "", false};
  if (!answers.addresses || !answers.addresses->ok()) {
    told.message = answers.addresses ? answers.addresses->error().message : "it was not asked yet";
    return told;
  }
  const auto& local = answers.addresses->value();
  // A lab's address is in the network of an interface without being written there.
  auto own = std::ranges::find(local, goal.own_address, &LocalAddress::address);
  if (own == local.end())
    own = std::ranges::find_if(
        local, [&](const LocalAddress& each) { return shares_a_network(each, goal.own_address); });
  if (own == local.end()) {
    told.message = goal.own_address + " is on no interface of this host";
    return told;
  }
  const bool differ = !shares_a_network(*own, goal.peer_address);
  told.status = differ ? Truth::yes : Truth::no;
  told.reason = differ ? "OtherSubnet" : "SameSubnet";
  told.message = differ
                     ? fmt::format(
                           "{} is not in the subnet of {}/{}, and XiVO's phones and services want "
                           "both nodes in one: give one of them an address there, or widen the "
                           "netmask in /etc/network/interfaces",
                           goal.peer_address, goal.own_address, own->prefix)
                     : fmt::format("{} is in the subnet of {}/{}", goal.peer_address,
                                   goal.own_address, own->prefix);
  return told;
}

}  // namespace tandem
