#include "server/core/liveness.h"

#include <doctest/doctest.h>
#include <poll.h>

#include <chrono>

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>

#include "common/poll.h"
#include "common/thread.h"

namespace echo {
namespace {

using namespace std::chrono_literals;

TEST_CASE("a question is open until the context has turned") {
  asio::io_context context;
  Liveness liveness(context);
  CHECK(liveness.answered_previous());  // there was none
  CHECK_FALSE(liveness.answered_previous());
  context.run();
  CHECK(liveness.answered_previous());
}

TEST_CASE("silence counts from the question that was not answered") {
  asio::io_context context;
  Liveness liveness(context);
  CHECK_FALSE(liveness.is_silent_for(0ns));  // nobody has asked
  const auto asked = liveness.ask();
  CHECK(liveness.is_silent_for(0ns));
  CHECK_FALSE(liveness.is_silent_for(1h));
  CHECK(liveness.ask() == asked);  // it is still open
  context.run();
  CHECK_FALSE(liveness.is_silent_for(0ns));
  CHECK(liveness.answered().clear());
  context.restart();
  CHECK(liveness.ask() > asked);
}

TEST_CASE("an answer wakes the one that waits for it") {
  asio::io_context context;
  Liveness liveness(context);
  const auto work = asio::make_work_guard(context);
  const Thread thread("turns", [&] { context.run(); });
  for (int i = 0; i < 1000; ++i) {
    liveness.ask();
    pollfd answered{liveness.answered().descriptor(), POLLIN, 0};
    CHECK(poll_until({&answered, 1}, std::chrono::steady_clock::now() + 1h));
    liveness.answered().clear();
    CHECK_FALSE(liveness.is_silent_for(0ns));
  }
  context.stop();
}

TEST_CASE("a thread that has ended owes no answer") {
  asio::io_context context;
  Liveness liveness(context);
  liveness.ask();
  liveness.answer();
  CHECK_FALSE(liveness.is_silent_for(0ns));
  CHECK(liveness.answered().clear());
}

}  // namespace
}  // namespace echo
