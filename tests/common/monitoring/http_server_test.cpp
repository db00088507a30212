#include "common/monitoring/http_server.h"

#include <doctest/doctest.h>

#include <atomic>
#include <list>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "common/thread.h"
#include "tests/common/monitoring/http_fixture.h"
#include "tests/support/temporary_folder.h"

namespace echo {
namespace {

using namespace std::chrono_literals;
using testing::hello;
using testing::http_get;
using testing::http_request;
using testing::listening;
using testing::PageServer;
using testing::Socket;

TEST_CASE("pages are answered and any other path is not found") {
  PageServer http;
  const auto answer = http_get(http.address(), "/hello");
  CHECK(answer.status == 200);
  CHECK(answer.body == "hello\n");
  CHECK(answer.headers.find("Content-Type: text/plain; charset=utf-8") != std::string::npos);
  CHECK(http_get(http.address(), "/sorry").status == 503);
  for (const char* path : {"/", "/hello/", "/hello2", "/../hello", "/hello%00", "/etc/passwd"}) {
    CHECK(http_get(http.address(), path).status == 404);
  }
}

TEST_CASE("a query and the absolute form of an address change nothing") {
  PageServer http;
  for (const char* url : {"/hello?a=b", "/hello?", "/hello?a=b&c=%00?d", "http://some.host/hello",
                          "HTTP://some.host:9/hello?a=b"}) {
    CAPTURE(url);
    CHECK(http_get(http.address(), url).body == "hello\n");
  }
  for (const char* url : {"http://some.host", "http://some.host/", "http://hello", "hello", "*"}) {
    CAPTURE(url);
    CHECK(http_get(http.address(), url).status == 404);
  }
}

TEST_CASE("a method other than GET and HEAD is told which are allowed") {
  PageServer http;
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "get", "X"}) {
    CAPTURE(method);
    const auto answer = http_request(http.address(), std::string(method) +
                                                         " /hello HTTP/1.1\r\nHost: test\r\n"
                                                         "Content-Length: 5\r\n\r\n12345");
    CHECK(answer.status == 405);
    CHECK(answer.headers.find("\nAllow: GET, HEAD") != std::string::npos);
  }
}

TEST_CASE("HEAD is answered like GET without the body") {
  PageServer http;
  const auto answer = http_request(http.address(), "HEAD /hello HTTP/1.1\r\nHost: test\r\n\r\n");
  CHECK(answer.status == 200);
  CHECK(answer.headers.find("\nContent-Length: 6") != std::string::npos);
  CHECK(answer.body.empty());
}

TEST_CASE("ranges are ignored") {
  PageServer http;
  std::string many = "0-";
  while (many.size() < 7000) many += ",0-";
  for (const std::string& range : {std::string("0-1"), many}) {
    const auto answer = http_request(
        http.address(), "GET /hello HTTP/1.1\r\nHost: test\r\nRange: bytes=" + range + "\r\n\r\n");
    CHECK(answer.status == 200);
    CHECK(answer.body == "hello\n");
  }
}

TEST_CASE("a request that is too long is told so and not reset") {
  PageServer http;
  // The largest does not fit into the buffers of both sockets: a reset would end the sending.
  for (const std::size_t size : {9'000U, 100'000U, 15'000'000U}) {
    CAPTURE(size);
    const std::string filler(size, 'x');
    CHECK(http_get(http.address(), '/' + filler).status == 414);
    CHECK(http_request(http.address(),
                       "GET /hello HTTP/1.1\r\nHost: test\r\nX: " + filler + "\r\n\r\n")
              .status == 431);
    CHECK(http_request(http.address(), "POST /hello HTTP/1.1\r\nHost: test\r\nContent-Length: " +
                                           std::to_string(size) + "\r\n\r\n" + filler)
              .status == 405);
  }
}

TEST_CASE("a page that throws is answered 500 and the next one is made") {
  PageServer http({{"/bad", {.make = []() -> HttpResponse { throw std::runtime_error("bad"); }}},
                   {"/good", {.make = [] { return HttpResponse{}; }}}});
  CHECK(http_get(http.address(), "/bad").status == 500);
  CHECK(http_get(http.address(), "/good").status == 200);
}

TEST_CASE("a page that is fresh is answered again and another one is made each time") {
  int fresh = 0;
  int other = 0;
  const auto count = [](int& calls) {
    return [&] { return HttpResponse{.body = std::to_string(++calls)}; };
  };
  PageServer http(
      {{"/fresh", {.make = count(fresh), .fresh = 1h}}, {"/other", {.make = count(other)}}});
  for (int i = 1; i <= 3; ++i) {
    CHECK(http_get(http.address(), "/fresh").body == "1");
    CHECK(http_get(http.address(), "/other").body == std::to_string(i));
  }
}

TEST_CASE("a page is served on a unix socket") {
  const testing::TemporaryFolder folder;
  PageServer http(hello(), {}, 5s, "unix:" + folder.file("socket"));
  for (int i = 0; i < 100; ++i) {
    CHECK(http_get("unix:" + folder.file("socket"), "/hello").body == "hello\n");
  }
}

TEST_CASE("without an address nothing is served") {
  HttpServer http({});
  http.start(hello());
  CHECK(http.addresses().empty());
}

TEST_CASE("an address in use is an error that names it") {
  const PageServer first;
  const std::string said =
      "cannot listen on " + first.address() + ": Address already in use; see who";
  CHECK_THROWS_WITH_AS(listening(first.address()), doctest::Contains(said.c_str()),
                       std::runtime_error);
}

TEST_CASE("a stop does not wait for peers that are slow") {
  PageServer http(hello(), {}, 1h);
  std::list<Socket> slow;
  for (int i = 0; i < 10; ++i) {
    slow.push_back(Socket::connect(http.address()));
    slow.back().send("GET /hello HTTP/1.1\r\n");
  }
  http->stop();
  for (Socket& client : slow) CHECK(testing::is_cut_off(client));
}

TEST_CASE("a stop while pages are asked for is clean") {
  for (int round = 0; round < 20; ++round) {
    PageServer http;
    std::atomic<int> answered = 0;
    std::list<Thread> scrapers;
    for (int i = 0; i < 4; ++i) {
      scrapers.emplace_back("scraper", [&] {
        try {
          for (;;) {
            const int status = http_get(http.address(), "/hello").status;
            CHECK(status == 200);
            ++answered;
          }
        } catch (const std::runtime_error&) {
          // The end of the server.
        }
      });
    }
    CHECK(testing::eventually([&] { return answered > 10; }));
    http->stop();
  }
}

}  // namespace
}  // namespace echo
