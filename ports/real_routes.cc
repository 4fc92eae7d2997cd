#include "ports/real_routes.h"

#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstring>
#include <utility>

#include "ports/netlink.h"
#include "ports/offload.h"

namespace tandem {
namespace {

constexpr const char* kSubject = "network routes";

template <class Body>
struct Request {
  nlmsghdr head{};
  Body body{};
};

template <class Body>
Request<Body> request_for(unsigned short type, unsigned short flags) {
  Request<Body> request;
  request.head.nlmsg_len = sizeof request;
  request.head.nlmsg_type = type;
  request.head.nlmsg_flags = static_cast<unsigned short>(NLM_F_REQUEST | flags);
  return request;
}

// Calls `each` with the type and the bytes of every attribute after the body of the message.
template <class Body, class Each>
void for_attributes(const nlmsghdr& head, const Each& each) {
  if (head.nlmsg_len < NLMSG_LENGTH(sizeof(Body))) return;
  const auto* bytes = static_cast<const char*>(NLMSG_DATA(&head)) + NLMSG_ALIGN(sizeof(Body));
  auto left = static_cast<int>(head.nlmsg_len - NLMSG_LENGTH(sizeof(Body)));
  for (const auto* at = reinterpret_cast<const rtattr*>(bytes); RTA_OK(at, left);
       at = RTA_NEXT(at, left))
    each(at->rta_type, std::string_view(static_cast<const char*>(RTA_DATA(at)), RTA_PAYLOAD(at)));
}

template <class Number>
std::optional<Number> number_in(std::string_view bytes) {
  Number number{};
  if (bytes.size() < sizeof number) return std::nullopt;
  std::memcpy(&number, bytes.data(), sizeof number);
  return number;
}

std::string text_of(in_addr_t address) {
  std::array<char, INET_ADDRSTRLEN> text{};
  inet_ntop(AF_INET, &address, text.data(), text.size());
  return text.data();
}

Error refusal(int error) {
  return Error{Fault::unavailable,
               std::string(kSubject) + ": the kernel refused: " + std::strerror(error)};
}

// The number of the interface that has the address; 0: none has.
Result<unsigned> holder_of(in_addr_t own) {
  auto request = request_for<ifaddrmsg>(RTM_GETADDR, NLM_F_DUMP);
  request.body.ifa_family = AF_INET;
  unsigned found = 0;
  const auto visit = [&](const nlmsghdr& head) {
    if (head.nlmsg_type != RTM_NEWADDR) return;
    const auto index = static_cast<const ifaddrmsg*>(NLMSG_DATA(&head))->ifa_index;
    for_attributes<ifaddrmsg>(head, [&](unsigned type, std::string_view bytes) {
      if (type == IFA_LOCAL && number_in<in_addr_t>(bytes) == own) found = index;
    });
  };
  const auto refused = ask_kernel(kSubject, request.head, visit);
  if (!refused.ok()) return refused.error();
  if (refused.value() != 0) return refusal(refused.value());
  return found;
}

// nullopt: it has gone meanwhile.
Result<std::optional<Interface>> interface_of(unsigned index) {
  auto request = request_for<ifinfomsg>(RTM_GETLINK, 0);
  request.body.ifi_index = static_cast<int>(index);
  std::optional<Interface> found;
  const auto visit = [&](const nlmsghdr& head) {
    if (head.nlmsg_type != RTM_NEWLINK) return;
    const auto flags = static_cast<const ifinfomsg*>(NLMSG_DATA(&head))->ifi_flags;
    constexpr unsigned kLowerUp = 1U << 16U;  // IFF_LOWER_UP; net/if.h does not have it
    found = Interface{"", (flags & IFF_UP) != 0, (flags & kLowerUp) != 0};
    for_attributes<ifinfomsg>(head, [&](unsigned type, std::string_view bytes) {
      if (type == IFLA_IFNAME) found->name = std::string(bytes.substr(0, bytes.find('\0')));
    });
  };
  const auto refused = ask_kernel(kSubject, request.head, visit);
  if (!refused.ok()) return refused.error();
  if (refused.value() == ENODEV) return std::optional<Interface>();
  if (refused.value() != 0) return refusal(refused.value());
  return found;
}

// Which refusals of a route are an answer: there is none, or one that leads nowhere.
bool means_no_route(int error) {
  return error == ENETUNREACH || error == EHOSTUNREACH || error == EACCES || error == EINVAL;
}

// The number of the interface by which the address is reached; 0: none.
Result<unsigned> way_to(in_addr_t peer) {
  struct Question {
    nlmsghdr head{};
    rtmsg body{};
    rtattr attribute{};
    in_addr_t address{};
  } request;
  request.head.nlmsg_len = sizeof request;
  request.head.nlmsg_type = RTM_GETROUTE;
  request.head.nlmsg_flags = NLM_F_REQUEST;
  request.body.rtm_family = AF_INET;
  request.body.rtm_dst_len = 32;
  request.attribute.rta_type = RTA_DST;
  request.attribute.rta_len = RTA_LENGTH(sizeof peer);
  request.address = peer;
  unsigned found = 0;
  const auto visit = [&](const nlmsghdr& head) {
    if (head.nlmsg_type != RTM_NEWROUTE) return;
    for_attributes<rtmsg>(head, [&](unsigned type, std::string_view bytes) {
      if (type == RTA_OIF) found = number_in<unsigned>(bytes).value_or(0);
    });
  };
  const auto refused = ask_kernel(kSubject, request.head, visit);
  if (!refused.ok()) return refused.error();
  if (means_no_route(refused.value())) return 0U;
  if (refused.value() != 0) return refusal(refused.value());
  return found;
}

struct DefaultRoute {
  in_addr_t gateway = 0;
  unsigned interface = 0;
  std::uint32_t metric = 0;
};

std::optional<DefaultRoute> default_route_in(const nlmsghdr& head) {
  if (head.nlmsg_type != RTM_NEWROUTE || head.nlmsg_len < NLMSG_LENGTH(sizeof(rtmsg)))
    return std::nullopt;
  const auto* const body = static_cast<const rtmsg*>(NLMSG_DATA(&head));
  const bool meant = body->rtm_family == AF_INET && body->rtm_dst_len == 0 &&
                     body->rtm_type == RTN_UNICAST && body->rtm_table == RT_TABLE_MAIN;
  if (!meant) return std::nullopt;
  DefaultRoute route;
  for_attributes<rtmsg>(head, [&](unsigned type, std::string_view bytes) {
    if (type == RTA_GATEWAY) route.gateway = number_in<in_addr_t>(bytes).value_or(0);
    if (type == RTA_OIF) route.interface = number_in<unsigned>(bytes).value_or(0);
    if (type == RTA_PRIORITY) route.metric = number_in<std::uint32_t>(bytes).value_or(0);
    if (type != RTA_MULTIPATH || bytes.size() < sizeof(rtnexthop)) return;
    // Of several next hops the first stands for all.
    rtnexthop hop{};
    std::memcpy(&hop, bytes.data(), sizeof hop);
    route.interface = static_cast<unsigned>(hop.rtnh_ifindex);
    auto rest =
        bytes.substr(sizeof hop, hop.rtnh_len - std::min<std::size_t>(hop.rtnh_len, sizeof hop));
    rtattr attribute{};
    if (rest.size() < RTA_LENGTH(sizeof(in_addr_t))) return;
    std::memcpy(&attribute, rest.data(), sizeof attribute);
    if (attribute.rta_type == RTA_GATEWAY)
      route.gateway = number_in<in_addr_t>(rest.substr(RTA_LENGTH(0))).value_or(0);
  });
  if (route.gateway == 0) return std::nullopt;
  return route;
}

Result<std::vector<Gateway>> default_gateways() {
  auto request = request_for<rtmsg>(RTM_GETROUTE, NLM_F_DUMP);
  request.body.rtm_family = AF_INET;
  std::vector<Gateway> found;
  const auto visit = [&](const nlmsghdr& head) {
    const auto route = default_route_in(head);
    std::array<char, IF_NAMESIZE> name{};
    if (!route || found.size() == Routes::kGatewaysMax) return;
    if (if_indextoname(route->interface, name.data()) == nullptr) return;  // gone meanwhile
    found.push_back({text_of(route->gateway), name.data(), route->metric});
  };
  const auto refused = ask_kernel(kSubject, request.head, visit);
  if (!refused.ok()) return refused.error();
  if (refused.value() != 0) return refusal(refused.value());
  std::stable_sort(found.begin(), found.end(),
                   [](const Gateway& a, const Gateway& b) { return a.metric < b.metric; });
  return found;
}

Result<std::optional<Interface>> interface_or_none(const Result<unsigned>& index) {
  if (!index.ok()) return index.error();
  if (index.value() == 0) return std::optional<Interface>();
  return interface_of(index.value());
}

Result<RouteView> view_of(in_addr_t own, in_addr_t peer) {
  auto holder = interface_or_none(holder_of(own));
  if (!holder.ok()) return holder.error();
  auto way = interface_or_none(way_to(peer));
  if (!way.ok()) return way.error();
  auto gateways = default_gateways();
  if (!gateways.ok()) return gateways.error();
  return RouteView{std::move(holder).value(), std::move(way).value(), std::move(gateways).value()};
}

}  // namespace

Task<Result<RouteView>> RealRoutes::look(std::string own, std::string peer) {
  in_addr own_address{}, peer_address{};
  if (inet_pton(AF_INET, own.c_str(), &own_address) != 1 ||
      inet_pton(AF_INET, peer.c_str(), &peer_address) != 1)
    co_return Error{Fault::invalid, own + ", " + peer + ": not two IPv4 addresses"};
  // A result of offload() has a default value, which Result has not.
  using Answer = std::optional<Result<RouteView>>;
  auto work = [own_address, peer_address]() -> Answer {
    return view_of(own_address.s_addr, peer_address.s_addr);
  };
  Answer answer = co_await offload(thread_, std::move(work));
  co_return std::move(*answer);
}

}  // namespace tandem
