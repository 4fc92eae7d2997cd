// Why an HTTP request has no answer: from cpprestsdk's words to a Fault and a sentence.
#pragma once

#include <utility>  // before Asio: boost/asio/awaitable.hpp 1.74 forgets it
// keep the order
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "core/result.h"
#include "core/url.h"
#include "ports/http.h"
#include "ports/task.h"

namespace tandem {

struct Trouble {
  enum class Kind {
    library,
    no_address,
    stale,
    ca_file,
    identity,
    too_large,
    no_http,
    timed_out,
    cancelled
  };
  Kind kind = Kind::library;
  std::string text;  // cpprest's words
  int code = 0;      // what it says besides; no errno, whatever its category
};
using Reply = tl::expected<HttpResponse, Trouble>;

// `refusal`: why the certificate was refused, if it was.
Error explain(const Trouble& trouble, const HttpRequest& request, const std::string& refusal);

// What nobody should send: line breaks in a header, a header that belongs to the connection.
Status check(const HttpRequest& request, const Url& url);

// cpprest says the same of a port where nobody listens, of a host that cannot be reached, and of a
// network that has no way there.
bool did_not_connect(const Trouble& trouble);

// Why it could not be connected to, by one more attempt: what cpprest does not tell. nullopt: that
// attempt tells nothing more.
Task<std::optional<Error>> connect_again(boost::asio::ip::tcp::endpoint peer,
                                         std::chrono::steady_clock::time_point deadline);

}  // namespace tandem
