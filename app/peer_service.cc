#include "app/peer_service.h"

#include <boost/asio/use_awaitable.hpp>

#include "ports/beast_http_server.h"
#include "ports/spawn.h"

namespace tandem {
namespace {

constexpr const char* kDefaultPort = "9878";

// Over http a lab asks without certificates; over https only ours counts.
std::unique_ptr<CpprestHttp> make_http(boost::asio::io_context& io, const OperatorConfig& config) {
  if (config.listen_tls) {
    const ListenTls& own = *config.listen_tls;
    return std::make_unique<CpprestHttp>(io, TlsFiles{own.ca, own.certificate, own.key});
  }
  if (config.peer) return std::make_unique<CpprestHttp>(io, config.ca);
  return nullptr;
}

PeerKeeperParts keeper_parts(const PeerServiceParts& parts, Http* http) {
  return {parts.clock,       http,         parts.disk, parts.specs,  parts.config.node,
          parts.config.peer, kDefaultPort, parts.own,  parts.changed};
}

}  // namespace

PeerService::PeerService(PeerServiceParts parts)
    : parts_(std::move(parts)),
      http_(make_http(parts_.io, parts_.config)),
      link_(keeper_parts(parts_, http_.get())),
      api_({link_, parts_.specs, parts_.own, parts_.orders}),
      listening_(parts_.clock.make_signal()),
      watching_(parts_.clock.make_signal()) {}

void PeerService::give_up(const std::string& why) { throw std::runtime_error(why); }

void PeerService::start(HttpHandler handler) {
  const auto executor = parts_.io.get_executor();
  spawn(executor, link_.run(), give_up);
  if (!parts_.config.listen_tls) return;
  spawn(executor, keep_listening(std::move(handler)), give_up);
  spawn(executor, watch_certificates(), give_up);
}

Task<void> PeerService::pause(Signal& signal, std::chrono::seconds time) {
  const Instant end = parts_.clock.now() + time;
  if (!stopping_) co_await parts_.clock.wait(signal, end);
}

Task<void> PeerService::keep_listening(HttpHandler handler) {
  const ListenTls& own = *parts_.config.listen_tls;
  const TlsFiles files{own.ca, own.certificate, own.key};
  std::string told;
  while (!stopping_) {
    auto server = listen_https(parts_.io, own.address, files, HttpServerLimits{}, handler);
    if (server.ok()) {
      server_ = std::move(server).value();
      co_return;
    }
    if (told != server.error().message) {
      told = server.error().message;
      parts_.complain("the peer link does not listen; it is tried again", server.error());
    }
    co_await pause(*listening_, kListenRetry);
  }
}

Task<void> PeerService::watch_certificates() {
  while (!stopping_) {
    auto reading = probe_certificates(parts_.disk, *parts_.config.listen_tls, parts_.config.node,
                                      parts_.clock.wall());
    api_.expiry = std::move(reading.expiry);
    const bool news = certificates_ != reading.condition;
    certificates_ = std::move(reading.condition);
    if (news && parts_.changed) parts_.changed();
    co_await pause(*watching_, kCertificatePeriod);
  }
}

std::vector<Condition> PeerService::conditions() const {
  auto conditions = link_.conditions();
  if (certificates_) conditions.push_back(*certificates_);
  return conditions;
}

Task<void> PeerService::stop(std::chrono::milliseconds limit) {
  stopping_ = true;
  link_.stop();
  listening_->notify();
  watching_->notify();
  if (http_) http_->cancel_all();
  if (server_) co_await server_->stop(limit);
}

}  // namespace tandem
