// The HTTP services of a test: routes answer, a journal tells what was asked.
#pragma once

#include <utility>  // before Asio: boost/asio/awaitable.hpp 1.74 forgets it
// keep the order
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <string>
#include <vector>

#include "ports/http.h"

namespace tandem {

class FakeHttp : public Http {
 public:
  using Answer = std::function<Result<HttpResponse>(const HttpRequest&)>;

  struct Route {
    std::string method;  // empty: any
    std::string url_prefix;
    Answer answer;
  };

  // The latest route that fits answers; where none does, nobody listens (connection_refused).
  std::vector<Route> routes;
  // Every request, in the order of the calls.
  std::vector<HttpRequest> sent;

  void on(std::string method, std::string url_prefix, Answer answer) {
    routes.push_back({std::move(method), std::move(url_prefix), std::move(answer)});
  }
  void on(std::string method, std::string url_prefix, HttpResponse response) {
    on(std::move(method), std::move(url_prefix),
       [response = std::move(response)](const HttpRequest&) -> Result<HttpResponse> {
         return response;
       });
  }
  void on(std::string method, std::string url_prefix, Error error) {
    on(std::move(method), std::move(url_prefix),
       [error = std::move(error)](const HttpRequest&) -> Result<HttpResponse> { return error; });
  }

  // Yields once before it answers, so that callers interleave as they do on a network.
  Task<Result<HttpResponse>> send(HttpRequest request) override {
    sent.push_back(request);
    co_await boost::asio::post(boost::asio::use_awaitable);
    co_return answer_to(request);
  }

 private:
  Result<HttpResponse> answer_to(const HttpRequest& request) const {
    for (auto route = routes.rbegin(); route != routes.rend(); ++route) {
      if (!route->method.empty() && route->method != request.method) continue;
      if (!request.url.starts_with(route->url_prefix)) continue;
      auto answer = route->answer(request);
      if (!answer.ok() || answer.value().body.size() <= request.body_max) return answer;
      if (!request.head_is_enough)
        return Error{Fault::too_large, host_of(request) + ": the answer is larger than allowed"};
      answer.value().body.clear();
      return answer;
    }
    return Error{Fault::connection_refused, host_of(request) + ": nobody listens there"};
  }

  // "http://host:port", as the real one names it.
  static std::string host_of(const HttpRequest& request) {
    return request.url.substr(0, request.url.find_first_of("/?", request.url.find("//") + 2));
  }
};

}  // namespace tandem
