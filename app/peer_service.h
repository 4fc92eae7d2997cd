// The peer link of a running operator, wired: who asks, who answers, and with which certificates.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/peer_api.h"
#include "core/pair.h"
#include "ports/clock.h"
#include "ports/cpprest_http.h"
#include "ports/filesystem.h"
#include "ports/http_server.h"

namespace tandem {

struct PeerServiceParts {
  boost::asio::io_context& io;
  Clock& clock;
  Filesystem& disk;
  const SpecKeeper& specs;
  const OperatorConfig& config;
  std::function<PeerWord()> own;
  std::function<void()> changed;
  std::function<void(const std::string& what, const Error& error)> complain;
  OrderSink orders = {};
};

class PeerService {
 public:
  static constexpr std::chrono::seconds kListenRetry{10};        // the address may come up later
  static constexpr std::chrono::seconds kCertificatePeriod{60};  // between two looks at the files

  explicit PeerService(PeerServiceParts parts);

  // Starts to ask the other node, to answer it by `handler`, and to watch the certificates. What is
  // wrong with any of these never keeps the operator from its other work.
  void start(HttpHandler handler);
  // Ends the questions; answers that are under way get `limit`.
  Task<void> stop(std::chrono::milliseconds limit);

  PeerKeeper& link() { return link_; }
  PeerApi& api() { return api_; }
  std::vector<Condition> conditions() const;

 private:
  static void give_up(const std::string& why);
  Task<void> keep_listening(HttpHandler handler);
  Task<void> watch_certificates();
  Task<void> pause(Signal& signal, std::chrono::seconds time);

  PeerServiceParts parts_;
  std::unique_ptr<CpprestHttp> http_;
  PeerKeeper link_;
  PeerApi api_;
  std::unique_ptr<HttpServer> server_;
  std::unique_ptr<Signal> listening_, watching_;
  std::optional<Condition> certificates_;
  bool stopping_ = false;
};

}  // namespace tandem
