#include "ports/links.h"

#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "ports/netlink.h"

namespace tandem {
namespace {

struct Request {
  nlmsghdr head;
  ifinfomsg body;
};

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

}  // namespace

Result<std::set<std::string>> links_into_other_namespaces() {
  Request request{};
  request.head.nlmsg_len = sizeof request;
  request.head.nlmsg_type = RTM_GETLINK;
  request.head.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  request.body.ifi_family = AF_UNSPEC;
  std::set<std::string> found;
  const auto visit = [&found](const nlmsghdr& head) {
    if (head.nlmsg_type == RTM_NEWLINK) note(head, found);
  };
  const auto refused = ask_kernel("network interfaces", request.head, visit);
  if (!refused.ok()) return refused.error();
  if (refused.value() != 0)
    return Error{Fault::unavailable, "network interfaces: the kernel refused to list the links"};
  return found;
}

}  // namespace tandem
