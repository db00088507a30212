// Unix sockets connect at once or not at all: what is different from TCP.
#include <doctest/doctest.h>
#include <sys/socket.h>

#include <cerrno>
#include <string>
#include <vector>

#include "client/wire/dialer.h"
#include "tests/support/made_time.h"
#include "tests/support/temporary_folder.h"

namespace echo {
namespace {

using namespace std::chrono_literals;
using testing::kStart;

// A unix socket whose backlog has no room, until some of its clients are accepted.
class FullBacklog {
 public:
  explicit FullBacklog(const std::string& path)
      : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)),
        endpoint_(endpoints_to_connect({.host = {}, .port = 0, .path = path}).front()) {
    ::bind(socket_.get(), endpoint_.data(), static_cast<socklen_t>(endpoint_.size()));
    ::listen(socket_.get(), 0);
    Route route({endpoint_});
    for (Dialer dialer(route, nullptr, 5s); dialer.dial(kStart) == Dialer::State::connected;) {
      fill_.push_back(dialer.take());
    }
  }

  const Endpoint& endpoint() const { return endpoint_; }
  void make_room() { accepted_ = Descriptor(::accept(socket_.get(), nullptr, nullptr)); }

 private:
  Descriptor socket_;
  Descriptor accepted_;
  Endpoint endpoint_;
  std::vector<Descriptor> fill_;
};

TEST_CASE("a unix socket with a full backlog is tried until there is room") {
  const testing::TemporaryFolder folder;
  FullBacklog server(folder.file("socket"));
  Route route({server.endpoint()});
  Dialer dialer(route, nullptr, 5s);
  REQUIRE(dialer.dial(kStart) == Dialer::State::waiting);
  CHECK(dialer.socket() == -1);
  CHECK(dialer.deadline() == kStart + 10ms);
  CHECK(dialer.on_deadline(kStart + 10ms) == Dialer::State::waiting);
  server.make_room();
  REQUIRE(dialer.on_deadline(kStart + 20ms) == Dialer::State::connected);
  CHECK(dialer.connect_time() > 20ms);
  CHECK(route.uses()[0].failures == 0);
}

TEST_CASE("a unix socket whose backlog stays full times out") {
  const testing::TemporaryFolder folder;
  FullBacklog server(folder.file("socket"));
  Route route({server.endpoint()});
  Dialer dialer(route, nullptr, 15ms);
  dialer.dial(kStart);
  CHECK(dialer.on_deadline(kStart + 10ms) == Dialer::State::waiting);
  CHECK(dialer.deadline() == kStart + 15ms);
  CHECK(dialer.on_deadline(kStart + 15ms) == Dialer::State::failed);
  CHECK(dialer.error() == ETIMEDOUT);
  CHECK(route.times_exhausted() == 1);
  CHECK_FALSE(dial_and_wait(route, 20ms, -1));
}

TEST_CASE("to connect a unix socket takes a time") {
  const testing::TemporaryFolder folder;
  FullBacklog server(folder.file("socket"));
  server.make_room();
  Route route({server.endpoint()});
  Dialer dialer(route, nullptr, 5s);
  REQUIRE(dialer.dial(kStart) == Dialer::State::connected);
  CHECK(dialer.connect_time() > 0ns);
}

}  // namespace
}  // namespace echo
