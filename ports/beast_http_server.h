// The real HttpServer, over Boost.Beast's parser, which stays inside the .cc.
#pragma once

#include <utility>  // before Asio: boost/asio/awaitable.hpp 1.74 forgets it
// keep the order
#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>

#include "ports/http_server.h"

namespace tandem {

// Listens on `address`, "IPV4:PORT", and answers by `handler` on the thread of `io`. unavailable:
// the port is taken, or the address is none of this host's; invalid: it is no address.
//
// The handler sees HEAD as GET, and the body it returns is then left out. What is no proper request
// is answered here, with an application/problem+json body, and never comes to the handler: 400,
// 408, 413, 431, and 503 beyond the limit of connections. Destroying the server cuts all
// connections; an answer that the handler still works on is dropped, but what it refers to must
// live on until `io` has ended.
Result<std::unique_ptr<HttpServer>> listen_http(boost::asio::io_context& io,
                                                const std::string& address, HttpServerLimits limits,
                                                HttpHandler handler);

// The same over TLS 1.2 or later, for those alone who show a certificate of `files.ca`. The files
// are looked at for each new connection: renewed ones count from then on, connections that are open
// go on, and while what is there is unusable the last good ones stay. Where there never was a good
// one the port is open and every connection is closed at once.
Result<std::unique_ptr<HttpServer>> listen_https(boost::asio::io_context& io,
                                                 const std::string& address, TlsFiles files,
                                                 HttpServerLimits limits, HttpHandler handler);

}  // namespace tandem
