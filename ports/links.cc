#include "ports/links.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "ports/descriptor.h"
#include "ports/system_error.h"

namespace tandem {
namespace {

struct Request {
  nlmsghdr head;
  ifinfomsg body;
};

Error trouble(const char* what) { return system_error("network interfaces", what, errno); }

// What one answer tells of its interface.
void note(const nlmsghdr& head, std::set<std::string>& found) {
  const auto* const link = static_cast<const ifinfomsg*>(NLMSG_DATA(&head));
  auto left = static_cast<int>(head.nlmsg_len - NLMSG_LENGTH(sizeof *link));
  std::string name;
  bool elsewhere = false;
  for (const rtattr* at = IFLA_RTA(link); RTA_OK(at, left); at = RTA_NEXT(at, left)) {
    if (at->rta_type == IFLA_IFNAME) name = static_cast<const char*>(RTA_DATA(at));
    elsewhere = elsewhere || at->rta_type == IFLA_LINK_NETNSID;
  }
  if (elsewhere) found.insert(name);
}

// True at the end of the dump.
Result<bool> read_part(int socket, std::set<std::string>& found) {
  alignas(nlmsghdr) std::array<char, 65536> buffer{};
  const ssize_t length = recv(socket, buffer.data(), buffer.size(), 0);
  if (length < 0) return trouble("ask for");
  auto left = static_cast<unsigned int>(length);
  const auto* head = reinterpret_cast<const nlmsghdr*>(buffer.data());
  for (; NLMSG_OK(head, left); head = NLMSG_NEXT(head, left)) {
    if (head->nlmsg_type == NLMSG_DONE) return true;
    if (head->nlmsg_type == NLMSG_ERROR)
      return Error{Fault::unavailable, "network interfaces: the kernel refused to list the links"};
    if (head->nlmsg_type == RTM_NEWLINK) note(*head, found);
  }
  return false;
}

}  // namespace

Result<std::set<std::string>> links_into_other_namespaces() {
  const Descriptor netlink(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  if (!netlink.ok()) return trouble("ask for");
  const timeval limit{1, 0};
  setsockopt(netlink.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  Request request{};
  request.head.nlmsg_len = sizeof request;
  request.head.nlmsg_type = RTM_GETLINK;
  request.head.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  request.body.ifi_family = AF_UNSPEC;
  if (send(netlink.get(), &request, sizeof request, 0) < 0) return trouble("ask for");
  std::set<std::string> found;
  constexpr int kPartsMax = 1000;  // a dump of some thousand interfaces
  for (int part = 0; part < kPartsMax; ++part) {
    const auto done = read_part(netlink.get(), found);
    if (!done.ok()) return done.error();
    if (done.value()) return found;
  }
  return Error{Fault::unavailable, "network interfaces: the list of links has no end"};
}

}  // namespace tandem
