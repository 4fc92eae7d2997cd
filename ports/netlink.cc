#include "ports/netlink.h"

#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <cerrno>

#include "ports/descriptor.h"
#include "ports/system_error.h"

namespace tandem {
namespace {

constexpr int kPartsMax = 1000;  // a dump of some ten thousand entries
constexpr __u32 kSequence = 1;   // a socket serves one question

struct Part {
  bool last = false;
  int refused = 0;
};

Part read_part(const char* bytes, unsigned int left, bool dump,
               const std::function<void(const nlmsghdr&)>& visit) {
  const auto* head = reinterpret_cast<const nlmsghdr*>(bytes);
  for (; NLMSG_OK(head, left); head = NLMSG_NEXT(head, left)) {
    if (head->nlmsg_seq != kSequence) continue;
    if (head->nlmsg_type == NLMSG_DONE) return {true, 0};
    if (head->nlmsg_type == NLMSG_ERROR) {
      const bool whole = head->nlmsg_len >= NLMSG_LENGTH(sizeof(nlmsgerr));
      return {true, whole ? -static_cast<const nlmsgerr*>(NLMSG_DATA(head))->error : EPROTO};
    }
    visit(*head);
    if (!dump) return {true, 0};
  }
  return {};
}

}  // namespace

Result<int> ask_kernel(const std::string& subject, nlmsghdr& request,
                       const std::function<void(const nlmsghdr&)>& visit) {
  const Descriptor netlink(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  if (!netlink.ok()) return system_error(subject, "ask for", errno);
  const timeval limit{1, 0};
  setsockopt(netlink.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  request.nlmsg_seq = kSequence;
  const bool dump = (request.nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
  if (send(netlink.get(), &request, request.nlmsg_len, 0) < 0)
    return system_error(subject, "ask for", errno);
  for (int part = 0; part < kPartsMax; ++part) {
    alignas(nlmsghdr) std::array<char, 65536> buffer{};
    const ssize_t length = recv(netlink.get(), buffer.data(), buffer.size(), 0);
    if (length < 0) return system_error(subject, "ask for", errno);
    const Part read = read_part(buffer.data(), static_cast<unsigned int>(length), dump, visit);
    if (read.last) return read.refused;
  }
  return Error{Fault::unavailable, subject + ": the kernel's answer has no end"};
}

}  // namespace tandem
