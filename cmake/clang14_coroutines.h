// Lets clang-tidy 14 and clang-query 14 read Asio 1.74's coroutines on libstdc++ 12. They only
// read: what clang 14 builds from coroutines crashes, so nothing is ever built with this header.
#pragma once
#define __cpp_impl_coroutine 201902L
#include <coroutine>
#include <utility>  // Asio's awaitable.hpp uses it, and does not say so
namespace std::experimental {
using std::coroutine_handle;
using std::coroutine_traits;
}  // namespace std::experimental
#define BOOST_ASIO_HAS_CO_AWAIT 1
#define BOOST_ASIO_HAS_STD_COROUTINE 1
