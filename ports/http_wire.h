// One connection of the HTTP client, seen from beside cpprestsdk: its TLS rules and its bytes.
#pragma once

#include <utility>  // before Asio: boost/asio/awaitable.hpp 1.74 forgets it
// keep the order
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <cstdint>
#include <exception>
#include <mutex>
#include <optional>
#include <string>

#include "ports/descriptor.h"

namespace tandem {

// Thrown in cpprest's callbacks, through cpprest, to the end of the request.
struct StaleConnection : std::exception {};
struct CutConnection : std::exception {};
struct UnreadableCaFile : std::exception {};
struct UnusableIdentity : std::exception {};

// What a TLS connection of ours shows and accepts. The files are read for each new connection.
struct TlsRules {
  std::optional<std::string> ca_file;  // the only authorities that count; nullopt: the system's
  std::string certificate, key;        // what we show; "": nothing
  std::string name;                    // the DNS name of the other side; "": the host's
};

// Its calls come from cpprest's threads and from ours, hence the mutex.
class Wire {
 public:
  // TLS 1.2 or later by `rules`. Keeps a pointer to this object in `context`.
  void set_up_tls(boost::asio::ssl::context& context, const TlsRules& rules);

  // To be called before each request, with the socket it will use. One that is kept from an earlier
  // request must be quiet (StaleConnection). A new one is opened here, for IPv4, so that it is
  // watched from its first byte on.
  void look_at(boost::asio::ip::tcp::socket& socket, bool tls);
  void look_away();
  // Ends what is under way on it, and any later try. cpprest's own way to cancel closes a socket
  // that another thread may be reading just then, which has been seen to end the process; a
  // shutdown of our descriptor looks to cpprest as if the peer had gone.
  void cut();

  // Bytes that came in since look_at().
  std::uint64_t received() const;
  // Why the last certificate was refused.
  std::string refusal() const;
  // Why the other side refused ours, which with TLS 1.3 it does when all seems well; "" if it did
  // not.
  std::string rejection() const;

 private:
  static int verify(X509_STORE_CTX* store, void* wire);
  static void listen(const SSL* tls, int where, int value);
  bool names_the_other_side(X509_STORE_CTX* store);

  mutable std::mutex mutex_;
  std::string name_;  // set before any handshake, and then only read
  std::string refusal_;
  std::string rejection_;
  Descriptor watched_;  // one of our own: cpprest may close its one at any time
  bool cut_ = false;
  std::uint64_t before_ = 0;
};

}  // namespace tandem
