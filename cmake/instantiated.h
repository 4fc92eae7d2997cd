// What nearly every source instantiates of Asio, fmt, json and the standard library. clang does it
// once, where it precompiles this, instead of once a group of sources: an eighth of a sanitizer's
// build. g++ gains nothing by it.
#pragma once

#include <boost/asio/post.hpp>
#include <exception>

namespace tandem::precompiled {

inline boost::asio::awaitable<void> wait(boost::asio::io_context& io) {
  co_await boost::asio::post(io, boost::asio::use_awaitable);
  boost::asio::steady_timer timer(io);
  timer.expires_after(std::chrono::milliseconds(1));
  co_await timer.async_wait(boost::asio::use_awaitable);
}

inline boost::asio::awaitable<bool> answer(boost::asio::io_context& io) {
  co_await wait(io);
  co_return true;
}

inline boost::asio::awaitable<std::string> text(boost::asio::io_context& io) {
  if (co_await answer(io)) co_return "a";
  co_return "b";
}

inline void run(boost::asio::io_context& io) {
  boost::asio::co_spawn(io, wait(io), [](std::exception_ptr) {});
  boost::asio::post(io, [] {});
  io.run();
}

inline bool values(nlohmann::json& json) {
  json = nlohmann::json::parse(std::string("{}"));
  const std::string word = json.dump(2) + json.value("a", "b") + json["a"].get<std::string>();
  std::map<std::string, std::string> map{{"a", "b"}};
  map["a"] = fmt::format("{} {} {}", word, 1, std::string_view("x"));
  std::vector<std::string> words{"a"};
  words.push_back(word);
  words.insert(words.end(), words.begin(), words.end());
  json["x"] = words;
  std::set<std::string> set{"a"};
  set.insert("b");
  std::optional<std::string> maybe;
  maybe = word;
  const std::function<void()> nothing = [] {};
  nothing();
  return words == words && map == map && json == json && maybe == word;
}

}  // namespace tandem::precompiled
