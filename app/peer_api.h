// What the other node may ask of this one, and nobody else.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/failover.h"
#include "ports/http_server.h"
#include "probes/certificate_probe.h"
#include "reconciler/failover/peer_keeper.h"
#include "reconciler/spec_keeper.h"

namespace tandem {

// Carries an order out on this node; what came of it, in a sentence.
using OrderSink = std::function<Task<Result<std::string>>(Order)>;

struct PeerApiParts {
  PeerKeeper& link;
  const SpecKeeper& specs;
  std::function<PeerWord()> own;
  OrderSink orders;  // empty: none are taken
};

class PeerApi {
 public:
  static constexpr int kOrdersMax = 4;  // of the other node, under way at once

  explicit PeerApi(PeerApiParts parts) : parts_(std::move(parts)) {}

  // Whether the path is one of these.
  static bool has(const std::string& path);

  // GET of the word: everybody who may read. GET of the pair's file and POST of orders: only who
  // has shown the certificate of the other node.
  Task<ServedResponse> answer(ServedRequest request);

  const PeerKeeper& link() const { return parts_.link; }

  std::vector<CertificateExpiry> expiry;  // of our certificates, as last looked at

 private:
  bool is_the_peer(const ServedRequest& request) const;
  Task<ServedResponse> take_order(std::string body);

  PeerApiParts parts_;
  int orders_ = 0;
};

}  // namespace tandem
