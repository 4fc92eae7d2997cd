#include "app/trusted_listener.h"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/ip/address_v4.hpp>
#include <charconv>

#include "ports/listener_owner.h"

namespace tandem {

Status vet_listener(const std::string& address) {
  const auto colon = std::min(address.rfind(':'), address.size());
  const auto digits = address.substr(std::min(colon + 1, address.size()));
  boost::system::error_code unreadable;
  const auto host = boost::asio::ip::make_address_v4(address.substr(0, colon), unreadable);
  std::uint16_t port = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (unreadable || port == 0) return success();  // the client says what is wrong with it
  const auto owner = listener_owner(host.to_uint(), port);
  if (!owner.ok()) return owner.error();
  if (!owner.value() && host.is_loopback())
    return Error{Fault::connection_refused, address + ": nothing listens there"};
  if (!owner.value() || *owner.value() == 0 || *owner.value() == geteuid()) return success();
  return Error{Fault::denied,
               fmt::format("what listens on {} is not the operator: it is a program of the user "
                           "with the number {}. Nothing was sent to it. Find it with `ss -ltnp`, "
                           "end it, and the operator takes the port by itself",
                           address, *owner.value())};
}

}  // namespace tandem
