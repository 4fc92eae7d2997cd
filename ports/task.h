// Task<T>: our coroutine type, and the one include of Asio's coroutines.
//
// g++ 12 destroys some temporaries of a co_await expression twice: braced aggregates, lambdas that
// capture by value, `?:` of classes. Name such a value first, then await (scripts/lint holds this).
#pragma once

#include <utility>  // before Asio: boost/asio/awaitable.hpp 1.74 forgets it
// keep the order
#include <boost/asio/awaitable.hpp>

namespace tandem {

template <class T>
using Task = boost::asio::awaitable<T>;

}  // namespace tandem
