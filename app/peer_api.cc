#include "app/peer_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/use_awaitable.hpp>

#include "app/answers.h"
#include "core/order_text.h"
#include "core/peer_word_text.h"

namespace tandem {
namespace {

int status_of(Fault fault) {
  switch (fault) {
    case Fault::denied: return 403;
    case Fault::not_found: return 404;
    case Fault::invalid:
    case Fault::too_large: return 409;
    default: return 503;
  }
}

}  // namespace

bool PeerApi::has(const std::string& path) {
  return path == kPeerPath || path == kPairFilePath || path == kPeerOrdersPath;
}

bool PeerApi::is_the_peer(const ServedRequest& request) const {
  const std::string peer = parts_.link.peer_name();
  return request.over_tls && !peer.empty() &&
         std::ranges::find(request.certificate_names, peer) != request.certificate_names.end();
}

Task<ServedResponse> PeerApi::answer(ServedRequest request) {
  const bool orders = request.path == kPeerOrdersPath;
  if (request.method != (orders ? "POST" : "GET"))
    co_return not_allowed(orders ? "POST" : "GET, HEAD");
  if (request.path == kPeerPath) co_return text(200, to_text(parts_.own()), "application/json");
  if (!is_the_peer(request))
    co_return problem(403, "Forbidden",
                      "this is for the other node alone: it shows a certificate of the pair's "
                      "authority that names it, over listenTls");
  if (orders) co_return co_await take_order(std::move(request.body));
  if (parts_.specs.accepted_text().empty())
    co_return problem(404, "Not found", "no declaration is in force on this node");
  co_return text(200, parts_.specs.accepted_text(), "application/yaml");
}

Task<ServedResponse> PeerApi::take_order(std::string body) {
  auto order = parse_order(body);
  if (!order.ok()) co_return problem(422, "Invalid order", order.error().message);
  if (!parts_.orders)
    co_return problem(501, "Not implemented", "this operator takes no orders of failover");
  if (orders_ >= kOrdersMax) {
    auto busy = problem(429, "Too many requests", "other orders are under way");
    busy.headers["Retry-After"] = "5";
    co_return busy;
  }
  ++orders_;
  const auto result = co_await parts_.orders(std::move(order).value());
  --orders_;
  if (!result.ok())
    co_return problem(status_of(result.error().fault), "The order was not carried out",
                      result.error().message);
  const OrderedJson told = {{"message", result.value()}};
  co_return document(told);
}

}  // namespace tandem
