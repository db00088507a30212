#include "server/monitoring/http_server.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <list>
#include <stdexcept>
#include <string>
#include <thread>

#include "tests/support/eventually.h"
#include "tests/support/http.h"
#include "tests/support/temporary_folder.h"

namespace echo {
namespace {

using namespace std::chrono_literals;
using testing::http_get;
using testing::http_request;
using testing::Socket;

const Address kAnyPort = Address::parse("127.0.0.1:0");

HttpServer::Pages hello() {
  return {{"/hello", [] { return HttpServer::Answer{.body = "hello\n"}; }},
          {"/sorry", [] { return HttpServer::Answer{.status = 503, .body = "sorry\n"}; }}};
}

// The connection ends, with or without a reset, and no page comes back.
bool is_cut_off(Socket& client) {
  try {
    return client.receive_until_end().find("hello") == std::string::npos;
  } catch (const std::runtime_error&) {
    return true;
  }
}

// For one whose patience may end before a busy machine has answered.
bool answers(const std::string& address) {
  return testing::eventually([&] {
    try {
      return http_get(address, "/hello").body == "hello\n";
    } catch (const std::runtime_error&) {
      return false;
    }
  });
}

TEST_CASE("pages are answered and any other path is not found") {
  HttpServer http(kAnyPort);
  http.start(hello());
  const std::string address = http.addresses().at(0);
  const auto answer = http_get(address, "/hello");
  CHECK(answer.status == 200);
  CHECK(answer.body == "hello\n");
  CHECK(answer.headers.find("Content-Type: text/plain; charset=utf-8") != std::string::npos);
  CHECK(http_get(address, "/hello?a=b").status == 200);
  CHECK(http_get(address, "/sorry").status == 503);
  for (const char* path : {"/", "/hello/", "/hello2", "/../hello", "/etc/passwd"}) {
    CHECK(http_get(address, path).status == 404);
  }
  CHECK(http_request(address, "POST /hello HTTP/1.0\r\nContent-Length: 0\r\n\r\n").status == 404);
  CHECK(http_request(address, "HEAD /hello HTTP/1.1\r\nHost: test\r\n\r\n").body.empty());
  CHECK(http_request(address, "nonsense\r\n\r\n").status == 400);
}

TEST_CASE("a page that throws is answered 500 and the next one is made") {
  HttpServer http(kAnyPort);
  http.start({{"/bad", []() -> HttpServer::Answer { throw std::runtime_error("bad"); }},
              {"/good", [] { return HttpServer::Answer{}; }}});
  CHECK(http_get(http.addresses().at(0), "/bad").status == 500);
  CHECK(http_get(http.addresses().at(0), "/good").status == 200);
}

TEST_CASE("a page is served on a unix socket") {
  const testing::TemporaryFolder folder;
  HttpServer http(Address::parse("unix:" + folder.file("socket")));
  http.start(hello());
  CHECK(http_get("unix:" + folder.file("socket"), "/hello").body == "hello\n");
}

TEST_CASE("without an address nothing is served") {
  HttpServer http(std::nullopt);
  http.start(hello());
  CHECK(http.addresses().empty());
}

TEST_CASE("an address in use is an error that names it") {
  const HttpServer first(kAnyPort);
  const std::string address = first.addresses().at(0);
  CHECK_THROWS_WITH_AS(HttpServer{Address::parse(address)},
                       ("cannot listen on " + address + ": Address already in use").c_str(),
                       std::runtime_error);
}

TEST_CASE("who asks for too long is cut off even if bytes come again and again") {
  HttpServer http(kAnyPort, 500ms);
  http.start(hello());
  const std::string address = http.addresses().at(0);
  std::list<Socket> slow;
  for (int i = 0; i < 3; ++i) slow.push_back(Socket::connect(address));
  for (Socket& client : slow) client.send("GET /hello HTTP/1.1\r\nX: ");
  CHECK(testing::eventually([&] {
    return std::ranges::none_of(slow, [](Socket& client) { return client.try_send("x"); });
  }));
  CHECK(answers(address));
}

TEST_CASE("who does not read the answer is cut off") {
  const std::string large(50'000'000, 'x');
  HttpServer http(kAnyPort, 500ms);
  http.start({{"/large", [&] { return HttpServer::Answer{.body = large}; }},
              {"/hello", [] { return HttpServer::Answer{.body = "hello\n"}; }}});
  const std::string address = http.addresses().at(0);
  std::list<Socket> stuck;
  for (int i = 0; i < 3; ++i) {
    stuck.push_back(Socket::connect(address));
    stuck.back().send("GET /large HTTP/1.1\r\nHost: test\r\n\r\n");
  }
  CHECK(answers(address));
  CHECK(stuck.front().receive_until_end().size() < large.size());
}

TEST_CASE("a request without an end is cut off") {
  HttpServer http(kAnyPort, 1h);
  http.start(hello());
  Socket client = Socket::connect(http.addresses().at(0));
  client.send("GET /hello HTTP/1.1\r\n");
  while (client.try_send("X: " + std::string(500, 'x') + "\r\n")) {
  }
  CHECK(http_get(http.addresses().at(0), "/hello").status == 200);
}

TEST_CASE("a long header is matched on the stack that there is") {
  HttpServer http(kAnyPort);
  http.start(hello());
  std::string range = "0-1";
  while (range.size() < 7000) range += ",0-1";
  const auto answer = http_request(http.addresses().at(0),
                                   "GET /hello HTTP/1.1\r\nRange: bytes=" + range + "\r\n\r\n");
  CHECK(answer.status >= 200);
  CHECK(http_get(http.addresses().at(0), "/hello").status == 200);
}

TEST_CASE("a stop does not wait for who is slow") {
  HttpServer http(kAnyPort, 1h);
  http.start(hello());
  std::list<Socket> slow;
  for (int i = 0; i < 10; ++i) {
    slow.push_back(Socket::connect(http.addresses().at(0)));
    slow.back().send("GET /hello HTTP/1.1\r\n");
  }
  http.stop();
  for (Socket& client : slow) CHECK(is_cut_off(client));
}

TEST_CASE("a stop while pages are asked for is clean") {
  for (int round = 0; round < 20; ++round) {
    HttpServer http(kAnyPort);
    http.start(hello());
    const std::string address = http.addresses().at(0);
    std::atomic<int> answered = 0;
    std::list<Thread> scrapers;
    for (int i = 0; i < 4; ++i) {
      scrapers.emplace_back("scraper", [&] {
        try {
          for (;;) {
            const int status = http_get(address, "/hello").status;
            CHECK(status == 200);
            ++answered;
          }
        } catch (const std::runtime_error&) {
          // The end of the server.
        }
      });
    }
    CHECK(testing::eventually([&] { return answered > 10; }));
    http.stop();
  }
}

}  // namespace
}  // namespace echo
