// Why an HTTP request has no answer: from cpprestsdk's words to a Fault and a sentence.
#pragma once

#include <utility>  // before Asio: boost/asio/awaitable.hpp 1.74 forgets it
// keep the order
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <string>
#include <tl/expected.hpp>

#include "core/result.h"
#include "core/url.h"
#include "ports/http.h"
#include "ports/task.h"

namespace tandem {

struct Trouble {
  enum class Kind { library, no_address, stale, ca_file, too_large, no_http, timed_out, cancelled };
  Kind kind = Kind::library;
  std::string text;  // cpprest's words
  int code = 0;      // what it says besides; no errno, whatever its category
};
using Reply = tl::expected<HttpResponse, Trouble>;

// `refusal`: why the certificate was refused, if it was.
Error explain(const Trouble& trouble, const HttpRequest& request, const std::string& refusal);

// What nobody should send: line breaks in a header, a header that belongs to the connection.
Status check(const HttpRequest& request, const Url& url);

// cpprest says the same of a port where nobody listens and of a host that cannot be reached.
bool may_be_refused(const Trouble& trouble);

// Whether somebody is there and answers, be it with a refusal: one more attempt to connect.
Task<bool> answers_at_all(boost::asio::ip::tcp::endpoint peer,
                          std::chrono::steady_clock::time_point deadline);

}  // namespace tandem
