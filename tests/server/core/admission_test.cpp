#include "server/core/admission.h"

#include <doctest/doctest.h>
#include <poll.h>

#include <list>
#include <memory>
#include <stdexcept>
#include <utility>
#include <variant>
#include <vector>

#include <asio/ip/tcp.hpp>
#include <asio/local/stream_protocol.hpp>

#include "common/thread.h"

namespace echo {
namespace {

using Ticket = Admission::Ticket;

Endpoint from(const char* ip) {
  return asio::ip::tcp::endpoint(asio::ip::make_address(ip), 40'000);
}

// Its ticket is added to the others; none is its cause.
CloseCause admit(Admission& admission, std::vector<Ticket>& tickets, const Endpoint& peer) {
  auto admitted = admission.admit(peer);
  if (const auto* cause = std::get_if<CloseCause>(&admitted)) return *cause;
  tickets.push_back(std::get<Ticket>(std::move(admitted)));
  return CloseCause::none;
}

CloseCause admit(Admission& admission, std::vector<Ticket>& tickets, const char* ip) {
  return admit(admission, tickets, from(ip));
}

bool room_is_told(const Admission& admission) {
  pollfd event{admission.room_event(), POLLIN, 0};
  return ::poll(&event, 1, 0) == 1;
}

TEST_CASE("as many as the limit have a place and a place that is given back is free again") {
  Admission admission({.max_connections = 2});
  std::vector<Ticket> tickets;
  CHECK(admit(admission, tickets, "127.0.0.1") == CloseCause::none);
  CHECK(admit(admission, tickets, "127.0.0.2") == CloseCause::none);
  CHECK(admit(admission, tickets, "127.0.0.3") == CloseCause::full);
  CHECK(admission.counts().connections == 2);
  tickets.pop_back();
  CHECK(admission.counts().connections == 1);
  CHECK(admit(admission, tickets, "127.0.0.3") == CloseCause::none);
  CHECK(admit(admission, tickets, "127.0.0.3") == CloseCause::full);
}

TEST_CASE("a ticket that was moved gives its place back once") {
  Admission admission({});
  std::vector<Ticket> tickets;
  CHECK(admit(admission, tickets, "127.0.0.1") == CloseCause::none);
  CHECK(admit(admission, tickets, "127.0.0.1") == CloseCause::none);
  {
    Ticket moved = std::move(tickets[0]);
    Ticket again;
    again = std::move(moved);
    CHECK(admission.counts().connections == 2);
  }
  CHECK(admission.counts().connections == 1);
  tickets.clear();
  CHECK(admission.counts().connections == 0);
}

TEST_CASE("a ticket that is assigned another one gives its place back at once") {
  Admission admission({});
  std::vector<Ticket> tickets;
  CHECK(admit(admission, tickets, "127.0.0.1") == CloseCause::none);
  CHECK(admit(admission, tickets, "127.0.0.2") == CloseCause::none);
  tickets[0] = std::move(tickets[1]);
  CHECK(admission.counts().connections == 1);
}

TEST_CASE("while a client waits for a thread nobody else has room") {
  for (const WhenFull when_full : {WhenFull::reject, WhenFull::wait}) {
    Admission admission({.when_full = when_full});
    std::vector<Ticket> tickets;
    CHECK(admit(admission, tickets, "127.0.0.1") == CloseCause::none);
    tickets[0].set_waits(true);
    CHECK_FALSE(admission.has_room());
    CHECK_FALSE(room_is_told(admission));
    Ticket moved = std::move(tickets[0]);
    moved.set_waits(false);
    CHECK(room_is_told(admission));
    moved.set_waits(true);
    CHECK_FALSE(admission.has_room());
    moved.release();  // the client that waited is gone
    CHECK(admission.has_room());
  }
}

TEST_CASE("each address has its own limit and is forgotten with its last connection") {
  Admission admission({.max_per_address = 2});
  std::vector<Ticket> tickets;
  for (int i = 0; i < 2; ++i) CHECK(admit(admission, tickets, "192.0.2.1") == CloseCause::none);
  CHECK(admit(admission, tickets, "192.0.2.1") == CloseCause::per_address);
  CHECK(admit(admission, tickets, "192.0.2.2") == CloseCause::none);
  CHECK(admission.counts().addresses == 2);
  tickets.pop_back();
  CHECK(admission.counts().addresses == 1);
  tickets.pop_back();
  CHECK(admission.counts().addresses == 1);
  CHECK(admit(admission, tickets, "192.0.2.1") == CloseCause::none);
  CHECK(admit(admission, tickets, "192.0.2.1") == CloseCause::per_address);
  tickets.clear();
  CHECK(admission.counts().addresses == 0);
}

TEST_CASE("IPv6 clients are counted by their first 64 bits") {
  Admission admission({.max_per_address = 1});
  std::vector<Ticket> tickets;
  CHECK(admit(admission, tickets, "2001:db8:0:1::1") == CloseCause::none);
  CHECK(admit(admission, tickets, "2001:db8:0:1:ffff::2") == CloseCause::per_address);
  CHECK(admit(admission, tickets, "2001:db8:0:2::1") == CloseCause::none);
}

TEST_CASE("an IPv4 client counts the same on an IPv6 socket") {
  Admission admission({.max_per_address = 1});
  std::vector<Ticket> tickets;
  CHECK(admit(admission, tickets, "::ffff:192.0.2.1") == CloseCause::none);
  CHECK(admit(admission, tickets, "192.0.2.1") == CloseCause::per_address);
  CHECK(admit(admission, tickets, "::ffff:192.0.2.2") == CloseCause::none);
}

TEST_CASE("a refused client takes no place and denial comes first") {
  Admission admission(
      {.max_connections = 1, .max_per_address = 1, .deny = {Cidr::parse("192.0.2.1")}});
  std::vector<Ticket> tickets;
  CHECK(admit(admission, tickets, "192.0.2.1") == CloseCause::denied);
  CHECK(admission.counts().connections == 0);
  CHECK(admission.counts().addresses == 0);
  CHECK(admit(admission, tickets, "192.0.2.2") == CloseCause::none);
  CHECK(admit(admission, tickets, "192.0.2.1") == CloseCause::denied);
  CHECK(admit(admission, tickets, "192.0.2.2") == CloseCause::per_address);
  CHECK(admit(admission, tickets, "192.0.2.3") == CloseCause::full);
  CHECK(admission.counts().addresses == 1);
}

TEST_CASE("clients of a unix socket have no address and yet take a place") {
  Admission admission({.max_connections = 2,
                       .max_per_address = 1,
                       .deny = {Cidr::parse("0.0.0.0/0"), Cidr::parse("::/0")}});
  const Endpoint local = asio::local::stream_protocol::endpoint("");
  std::vector<Ticket> tickets;
  CHECK(admit(admission, tickets, local) == CloseCause::none);
  CHECK(admit(admission, tickets, local) == CloseCause::none);
  CHECK(admit(admission, tickets, local) == CloseCause::full);
  CHECK(admission.counts().addresses == 0);
  tickets.clear();
  CHECK(admission.counts().connections == 0);
}

TEST_CASE("who rejects always has room to do so") {
  Admission admission({.max_connections = 1, .when_full = WhenFull::reject});
  std::vector<Ticket> tickets;
  CHECK(admission.has_room());
  CHECK(admit(admission, tickets, "127.0.0.1") == CloseCause::none);
  CHECK(admission.has_room());
}

TEST_CASE("who lets clients wait is told when there is room") {
  Admission admission({.max_connections = 1, .when_full = WhenFull::wait});
  std::vector<Ticket> tickets;
  for (int round = 0; round < 2; ++round) {
    CHECK(admission.has_room());
    CHECK(admit(admission, tickets, "127.0.0.1") == CloseCause::none);
    CHECK_FALSE(admission.has_room());
    CHECK_FALSE(room_is_told(admission));
    tickets.clear();
    CHECK(room_is_told(admission));
  }
}

TEST_CASE("clients beyond what the process can bear wait even where the others are rejected") {
  Admission admission({.max_connections = 3, .when_full = WhenFull::reject});
  admission.set_ceiling({.connections = 2, .reason = "a test"});
  std::vector<Ticket> tickets;
  CHECK(admit(admission, tickets, "127.0.0.1") == CloseCause::none);
  CHECK(admission.has_room());
  CHECK(admit(admission, tickets, "127.0.0.1") == CloseCause::none);
  CHECK_FALSE(admission.has_room());
  tickets.pop_back();
  CHECK(room_is_told(admission));
  CHECK(admission.has_room());
}

TEST_CASE("clients beyond a limit that is exactly what the process can bear are rejected") {
  Admission admission({.max_connections = 2, .when_full = WhenFull::reject});
  admission.set_ceiling({.connections = 2, .reason = "a test"});
  std::vector<Ticket> tickets;
  CHECK(admit(admission, tickets, "127.0.0.1") == CloseCause::none);
  CHECK(admit(admission, tickets, "127.0.0.1") == CloseCause::none);
  CHECK(admission.has_room());
  CHECK(admit(admission, tickets, "127.0.0.1") == CloseCause::full);
}

TEST_CASE("new limits count those who are there and take nobody's place") {
  Admission admission({.max_connections = 5});
  std::vector<Ticket> tickets;
  for (int i = 0; i < 3; ++i) CHECK(admit(admission, tickets, "192.0.2.1") == CloseCause::none);
  admission.configure({.max_connections = 5, .max_per_address = 3});
  CHECK(admit(admission, tickets, "192.0.2.1") == CloseCause::per_address);
  admission.configure({.max_connections = 2});
  CHECK(admission.counts().connections == 3);
  CHECK(admit(admission, tickets, "192.0.2.2") == CloseCause::full);
  admission.configure({.max_connections = 5, .deny = {Cidr::parse("192.0.2.0/24")}});
  CHECK(admit(admission, tickets, "192.0.2.2") == CloseCause::denied);
  CHECK(admit(admission, tickets, "198.51.100.1") == CloseCause::none);
}

TEST_CASE("a higher limit wakes who waits for room") {
  Admission admission({.max_connections = 1, .when_full = WhenFull::wait});
  std::vector<Ticket> tickets;
  CHECK(admit(admission, tickets, "127.0.0.1") == CloseCause::none);
  CHECK_FALSE(admission.has_room());
  admission.configure({.max_connections = 2, .when_full = WhenFull::wait});
  CHECK(room_is_told(admission));
  CHECK(admission.has_room());
}

TEST_CASE("contradictory limits change nothing") {
  Admission admission({.max_connections = 1});
  const std::vector<Cidr> block{Cidr::parse("127.0.0.0/8")};
  CHECK_THROWS_AS(admission.configure({.allow = block, .deny = block}), std::invalid_argument);
  std::vector<Ticket> tickets;
  CHECK(admit(admission, tickets, "127.0.0.1") == CloseCause::none);
  CHECK(admit(admission, tickets, "127.0.0.1") == CloseCause::full);
}

TEST_CASE("places given back by many threads are neither lost nor handed out twice") {
  constexpr std::size_t kPlaces = 8;
  constexpr std::size_t kClients = 400;
  Admission admission(
      {.max_connections = kPlaces, .max_per_address = kPlaces, .when_full = WhenFull::wait});
  std::vector<Ticket> tickets;
  std::list<Thread> leavers;
  for (std::size_t client = 0; client < kClients; ++client) {
    pollfd room{admission.room_event(), POLLIN, 0};
    while (!admission.has_room()) ::poll(&room, 1, -1);
    CHECK(admit(admission, tickets, "127.0.0.1") == CloseCause::none);
    CHECK(admission.counts().connections <= kPlaces);
    auto leaving = std::make_shared<std::vector<Ticket>>(std::exchange(tickets, {}));
    leavers.emplace_back("leaver", [leaving] { leaving->clear(); });
  }
  leavers.clear();
  CHECK(admission.counts().connections == 0);
  CHECK(admission.counts().addresses == 0);
}

}  // namespace
}  // namespace echo
