#include "common/monitoring/http_gate.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <list>
#include <optional>

#include "tests/common/monitoring/http_fixture.h"

namespace echo {
namespace {

using namespace std::chrono_literals;
using testing::count_open;
using testing::hello;
using testing::http_get;
using testing::is_open;
using testing::PageServer;
using testing::Socket;

// A page whose question is answered when the test says so.
struct Asked {
  explicit Asked(std::chrono::nanoseconds patience)
      : until(std::chrono::steady_clock::now() + patience) {
    HttpRoutes routes = hello();
    routes["/asks"] = {.make = [this] { return HttpResponse{.body = answered ? "yes" : "no"}; },
                       .waits = true};
    http.emplace(routes, HttpQuestion{.ask =
                                          [this] {
                                            ++questions;
                                            return until;
                                          },
                                      .answered = &event});
  }
  Socket ask() const {
    Socket client = Socket::connect(http->address());
    client.send("GET /asks HTTP/1.0\r\n\r\n");
    return client;
  }

  const std::chrono::steady_clock::time_point until;
  WakeEvent event;
  std::atomic<bool> answered = false;
  std::atomic<int> questions = 0;
  std::optional<PageServer> http;
};

TEST_CASE("a page that waits for an answer holds up nobody and comes with the answer") {
  Asked page(1h);
  std::list<Socket> waiting;
  for (int i = 0; i < 5; ++i) waiting.push_back(page.ask());
  CHECK(testing::eventually([&] { return page.questions == 5; }));
  CHECK(http_get(page.http->address(), "/hello").status == 200);
  CHECK(count_open(waiting) == 5);
  page.answered = true;
  page.event.signal();
  for (Socket& each : waiting) CHECK(each.receive_until_end().ends_with("yes"));
}

TEST_CASE("a page that waits is made without the answer when it is too late") {
  Asked page(50ms);
  CHECK(page.ask().receive_until_end().ends_with("no"));
  CHECK(std::chrono::steady_clock::now() >= page.until);
  CHECK(page.ask().receive_until_end().ends_with("no"));
}

TEST_CASE("the answer to one page does not let a later one go on") {
  Asked page(1h);
  Socket first = page.ask();
  CHECK(testing::eventually([&] { return page.questions == 1; }));
  page.event.signal();
  CHECK(first.receive_until_end().ends_with("no"));
  Socket second = page.ask();
  CHECK(testing::eventually([&] { return page.questions == 2; }));
  CHECK(http_get(page.http->address(), "/hello").status == 200);
  CHECK(is_open(second));
}

TEST_CASE("a stop does not wait for an answer") {
  Asked page(1h);
  Socket waiting = page.ask();
  CHECK(testing::eventually([&] { return page.questions == 1; }));
  (*page.http)->stop();
  CHECK(testing::is_cut_off(waiting));
}

TEST_CASE("a peer that leaves while its page waits harms nobody") {
  Asked page(1h);
  for (int i = 0; i < 100; ++i) page.ask().reset();
  CHECK(http_get(page.http->address(), "/hello").status == 200);
  page.event.signal();
  CHECK(http_get(page.http->address(), "/hello").status == 200);
}

}  // namespace
}  // namespace echo
