// Failure is a value: every call that can fail returns a Result and the next line looks at it.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace tandem {

// What went wrong, as far as a caller may act on it. The message tells the rest to a person.
enum class Fault {
  not_found,           // the thing asked for does not exist
  denied,              // it exists, and we may not (permission, 401, 403)
  invalid,             // no use trying again before somebody changes something
  unavailable,         // may work later (5xx, a busy or stopping service, no disk space)
  not_sent,            // it did not leave this host: no route, no address, not allowed
  connection_refused,  // nobody listens there
  connection_cut,      // the peer went away in the middle
  timed_out,           // the total deadline passed
  bad_certificate,     // TLS: the peer is not who it should be; the message has the reason
  too_large,           // more bytes than the named limit
  cancelled,           // we are stopping
};

// The word for logs and metrics: "not_found", "timed_out", ...
std::string_view fault_name(Fault fault);

struct Error {
  Fault fault = Fault::invalid;
  std::string message;

  bool operator==(const Error&) const = default;
};

// Whether the same call may succeed later without anybody changing anything.
bool worth_retrying(const Error& error);

// `error` with "context: " before its message.
Error in_context(std::string_view context, Error error);

template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  Result(T value) : state_(std::move(value)) {}
  Result(Error error) : state_(tl::unexpect, std::move(error)) {}

  bool ok() const { return state_.has_value(); }
  const T& value() const& { return state_.value(); }
  T& value() & { return state_.value(); }
  T&& value() && { return std::move(state_).value(); }
  const Error& error() const { return state_.error(); }

 private:
  tl::expected<T, Error> state_;
};

struct Done {
  bool operator==(const Done&) const = default;
};
using Status = Result<Done>;

inline Status success() { return Done{}; }

}  // namespace tandem
