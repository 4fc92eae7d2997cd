#include "ports/gather.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <stdexcept>
#include <string>

#include "ports/spawn.h"
#include "tests/run.h"

namespace tandem {
namespace {

Task<void> hop(int hops, int& ended) {
  for (int i = 0; i < hops; ++i)
    co_await boost::asio::post(co_await boost::asio::this_coro::executor,
                               boost::asio::use_awaitable);
  ++ended;
}

Task<void> fail(int hops, std::string why) {
  int ended = 0;
  co_await hop(hops, ended);
  throw std::runtime_error(why);
}

Task<void> throw_a_number() {
  throw 7;
  co_return;
}

TEST(Gather, ReturnsWhenTheLastTaskHasEnded) {
  int ended = 0;
  std::vector<Task<void>> tasks;
  for (const int hops : {5, 0, 50, 1}) tasks.push_back(hop(hops, ended));
  run(gather(std::move(tasks)));
  EXPECT_EQ(ended, 4);
}

TEST(Gather, ReturnsFromNoTasks) { run(gather({})); }

TEST(Gather, ThrowsWhatTheFirstThrewOnceAllHaveEnded) {
  int ended = 0;
  std::vector<Task<void>> tasks;
  tasks.push_back(hop(50, ended));
  tasks.push_back(fail(9, "second"));
  tasks.push_back(fail(3, "first"));
  try {
    run(gather(std::move(tasks)));
    FAIL() << "nothing was thrown";
  } catch (const std::runtime_error& thrown) {
    EXPECT_STREQ(thrown.what(), "first");
  }
  EXPECT_EQ(ended, 1);
}

TEST(Gather, NestsAndIsAbandonedWithItsIoContext) {
  int ended = 0;
  boost::asio::io_context io;
  std::vector<Task<void>> inner;
  inner.push_back(hop(1000, ended));
  std::vector<Task<void>> outer;
  outer.push_back(gather(std::move(inner)));
  spawn(io.get_executor(), gather(std::move(outer)), [](const std::string&) {});
  for (int i = 0; i < 20; ++i) io.run_one();
  EXPECT_EQ(ended, 0);
}

TEST(Spawn, ReportsWhatATaskThrows) {
  boost::asio::io_context io;
  std::string reported;
  const auto report = [&](const std::string& why) { reported += why + ";"; };
  int ended = 0;
  spawn(io.get_executor(), hop(3, ended), report);
  io.run();
  EXPECT_EQ(ended, 1);
  EXPECT_EQ(reported, "");
  io.restart();
  spawn(io.get_executor(), fail(3, "broken"), report);
  io.run();
  io.restart();
  spawn(io.get_executor(), throw_a_number(), report);
  io.run();
  EXPECT_EQ(reported, "broken;an exception of an unknown type;");
}

TEST(Run, ReturnsValuesAndThrowsExceptions) { EXPECT_THROW(run(fail(2, "x")), std::runtime_error); }

}  // namespace
}  // namespace tandem
