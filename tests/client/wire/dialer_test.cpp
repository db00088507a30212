#include "client/wire/dialer.h"

#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <vector>

#include "tests/support/made_time.h"

namespace echo {
namespace {

using namespace std::chrono_literals;
using testing::kStart;

// A socket that listens on an address of its own, so that a route can have several.
class Listener {
 public:
  explicit Listener(int host, int backlog = 16)
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + static_cast<unsigned>(host));
    ::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address);
    ::listen(socket_.get(), backlog);
    auto size = static_cast<socklen_t>(endpoint_.capacity());
    ::getsockname(socket_.get(), endpoint_.data(), &size);
    endpoint_.resize(size);
  }

  const Endpoint& endpoint() const { return endpoint_; }
  std::string address() const { return to_text(endpoint_); }
  void close() { socket_.reset(); }

 private:
  Descriptor socket_;
  Endpoint endpoint_;
};

// A server that answers nothing: its backlog is full, and what comes then is dropped.
class Silent {
 public:
  explicit Silent(int host) : listener_(host, 0) {
    for (int i = 0; i < 3; ++i) {
      Route route({listener_.endpoint()});
      Dialer dialer(route, nullptr, 1s);
      dialer.dial(kStart);
      pollfd entry{dialer.socket(), POLLOUT, 0};
      ::poll(&entry, 1, 50);
      if (dialer.state() == Dialer::State::connecting) dialer.on_ready(kStart);
      fill_.push_back(dialer.take());
    }
  }
  const Endpoint& endpoint() const { return listener_.endpoint(); }
  std::string address() const { return listener_.address(); }

 private:
  Listener listener_;
  std::vector<Descriptor> fill_;
};

// Until the dialer no longer connects or the kernel says nothing for a while.
void follow(Dialer& dialer, SteadyTime now) {
  while (dialer.state() == Dialer::State::connecting) {
    pollfd entry{dialer.socket(), POLLOUT, 0};
    if (::poll(&entry, 1, 100'000) <= 0) return;
    dialer.on_ready(now);
  }
}

// The numbers of its addresses in the order in which a dialer tries them now.
std::vector<std::size_t> order_of(const Route& route) {
  std::vector<std::size_t> tried;
  while (const auto number = route.next(tried)) tried.push_back(*number);
  return tried;
}

TEST_CASE("the first address that answers is connected to") {
  Listener server(0);
  Route route({server.endpoint()});
  Dialer dialer(route, nullptr, 5s);
  dialer.dial(kStart);
  follow(dialer, kStart + 3ms);
  REQUIRE(dialer.state() == Dialer::State::connected);
  CHECK(dialer.connect_time() <= 3ms);
  CHECK(dialer.error() == 0);
  CHECK(dialer.take());
  CHECK(dialer.state() == Dialer::State::idle);
  CHECK(route.uses()[0].connections == 1);
}

TEST_CASE("an address that refuses is passed over and tried last from then on") {
  Listener dead(1);
  dead.close();
  Listener server(2);
  Route route({dead.endpoint(), server.endpoint()});
  Dialer dialer(route, nullptr, 5s);
  dialer.dial(kStart);
  follow(dialer, kStart);
  REQUIRE(dialer.state() == Dialer::State::connected);
  CHECK(dialer.peer() == server.endpoint());
  CHECK(route.tried() == "tried " + dead.address() + " (Connection refused)");
  CHECK(route.endpoint(*route.next({})) == server.endpoint());

  Dialer next(route, nullptr, 5s);
  next.dial(kStart);
  follow(next, kStart);
  CHECK(next.peer() == server.endpoint());
  CHECK(route.uses()[0].failures == 1);
  CHECK(route.uses()[1].connections == 2);
}

TEST_CASE("a silent address has a second while another one remains and the time counts from it") {
  Silent silent(3);
  Listener server(4);
  Route route({silent.endpoint(), server.endpoint()});
  Dialer dialer(route, nullptr, 5s);
  dialer.dial(kStart);
  REQUIRE(dialer.state() == Dialer::State::connecting);
  CHECK(dialer.deadline() == kStart + 1s);
  dialer.on_deadline(kStart + 1s);
  follow(dialer, kStart + 1002ms);
  REQUIRE(dialer.state() == Dialer::State::connected);
  CHECK(dialer.connect_time() >= 1s);
  CHECK(route.tried() == "tried " + silent.address() + " (Connection timed out)");
}

TEST_CASE("the last address has the whole timeout and a short timeout holds for all") {
  Silent silent(5);
  Silent other(6);
  Route route({silent.endpoint(), other.endpoint()});
  Dialer patient(route, nullptr, 5s);
  patient.dial(kStart);
  CHECK(patient.on_deadline(kStart + 1s) == Dialer::State::connecting);
  CHECK(patient.deadline() == kStart + 6s);
  CHECK(patient.on_deadline(kStart + 6s) == Dialer::State::failed);
  CHECK(patient.error() == ETIMEDOUT);
  CHECK(route.times_exhausted() == 1);

  Dialer hasty(route, nullptr, 100ms);
  hasty.dial(kStart);
  CHECK(hasty.deadline() == kStart + 100ms);
}

TEST_CASE(
    "each of those that dial at once tries each address though another one found the good one") {
  Silent silent(14);
  const Listener server(15);
  Route route({silent.endpoint(), server.endpoint()});
  Dialer first(route, nullptr, 5s);
  Dialer second(route, nullptr, 5s);
  first.dial(kStart);
  second.dial(kStart);
  first.on_deadline(kStart + 1s);
  follow(first, kStart + 1s);
  REQUIRE(first.state() == Dialer::State::connected);
  second.on_deadline(kStart + 1s);
  follow(second, kStart + 1s);
  REQUIRE(second.state() == Dialer::State::connected);
  CHECK(second.peer() == server.endpoint());
  CHECK(route.uses()[0].failures == 2);
}

TEST_CASE("after a rest it begins again and the time to connect counts from the first attempt") {
  Listener server(7);
  const Endpoint endpoint = server.endpoint();
  Route route({endpoint});
  server.close();
  Dialer dialer(route, nullptr, 5s);
  dialer.dial(kStart);
  follow(dialer, kStart);
  REQUIRE(dialer.state() == Dialer::State::failed);
  dialer.rest(kStart + 100ms);
  CHECK(dialer.state() == Dialer::State::resting);
  CHECK(dialer.deadline() == kStart + 100ms);

  const Listener again(8);
  route.replace({again.endpoint()});
  dialer.on_deadline(kStart + 100ms);
  follow(dialer, kStart + 101ms);
  REQUIRE(dialer.state() == Dialer::State::connected);
  CHECK(dialer.connect_time() >= 100ms);
}

TEST_CASE("a rest after a lost connection is not part of the time to connect") {
  Listener server(9);
  Route route({server.endpoint()});
  Dialer dialer(route, nullptr, 5s);
  dialer.rest(kStart + 100ms);
  dialer.on_deadline(kStart + 100ms);
  follow(dialer, kStart + 101ms);
  CHECK(dialer.connect_time() <= 1ms);
}

TEST_CASE("a source address that is not ours is named") {
  Listener server(10);
  const Endpoint source =
      endpoints_to_connect({.host = "192.0.2.1", .port = 0, .path = {}}).front();
  Route route({server.endpoint()});
  Dialer dialer(route, &source, 5s);
  CHECK(dialer.dial(kStart) == Dialer::State::failed);
  CHECK(route.uses()[0].why == "from 192.0.2.1: Cannot assign requested address");
}

TEST_CASE("a name that is resolved again keeps what became of each address and who is first") {
  Listener a(11);
  Listener b(12);
  Listener c(13);
  Route route({a.endpoint(), b.endpoint()});
  const std::vector<std::size_t> numbers = order_of(route);
  REQUIRE(numbers.size() == 2);
  route.failed(numbers[0], "why");
  route.answered(numbers[1]);
  route.replace({});
  CHECK(order_of(route) == std::vector{numbers[1], numbers[0]});
  route.replace({c.endpoint(), a.endpoint(), b.endpoint()});
  REQUIRE(order_of(route).size() == 3);
  CHECK(route.endpoint(order_of(route)[0]) == b.endpoint());
  CHECK(route.endpoint(order_of(route)[1]) == c.endpoint());
  route.replace({c.endpoint()});
  REQUIRE(order_of(route).size() == 1);
  CHECK(route.endpoint(order_of(route)[0]) == c.endpoint());
  REQUIRE(route.uses().size() == 3);
  CHECK(route.uses()[0].failures == 1);
  CHECK(route.uses()[1].connections == 1);
}

TEST_CASE("waiting for a connection ends when it is interrupted") {
  Silent silent(14);
  Route route({silent.endpoint()});
  WakeEvent interrupt;
  interrupt.signal();
  const Dialed dialed = dial_and_wait(route, 1h, interrupt.descriptor());
  CHECK_FALSE(dialed);
  CHECK(dialed.interrupted);
}

TEST_CASE("a server that is asked late has its time from then on") {
  Silent silent(9);
  Route route({silent.endpoint()});
  Dialer dialer(route, nullptr, 5s);
  dialer.dial(kStart);
  dialer.asked(kStart + 3s);
  CHECK(dialer.deadline() == kStart + 8s);
  dialer.asked(kStart + 4s);  // the same request
  CHECK(dialer.deadline() == kStart + 8s);
}

}  // namespace
}  // namespace echo
