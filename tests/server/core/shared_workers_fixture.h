#pragma once

#include <doctest/doctest.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include "server/core/options.h"
#include "server/core/shared_workers.h"
#include "tests/server/core/fill.h"
#include "tests/server/core/tcp_pair.h"
#include "tests/support/eventually.h"
#include "tests/support/socket.h"

namespace echo::testing {

// What an epoll of this process reports of the descriptor, as proc(5) shows it; 0 if none watches.
inline std::uint32_t interest_in(int descriptor) {
  for (const auto& info : std::filesystem::directory_iterator("/proc/self/fdinfo")) {
    std::ifstream file(info.path());
    for (std::string word; file >> word;) {
      int watched = -1;
      std::uint32_t events = 0;
      if (word != "tfd:" || !(file >> watched) || watched != descriptor) continue;
      file >> word >> std::hex >> events;
      return events & (EPOLLIN | EPOLLOUT | EPOLLRDHUP);
    }
  }
  return 0;
}

struct WatchedClient {
  Socket socket;
  int served;              // the server's end of it, which the worker owns
  std::size_t unread = 0;  // what it has not read of its echo

  bool interest_becomes(std::uint32_t events) const {
    return eventually([&] { return interest_in(served) == events; });
  }

  void check_echo(const std::string& text) {
    socket.send(text);
    CHECK(socket.receive(text.size()) == text);
  }

  // Sends until its worker waits for it to take something.
  void stall() {
    const std::string text(65536, 's');
    CHECK(eventually([&] {
      const auto sent =
          ::send(socket.descriptor(), text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent > 0) unread += static_cast<std::size_t>(sent);
      // A worker that is only ahead of the acknowledgements will soon have room again.
      if (has_room(served) || has_bytes_under_way(served)) return false;
      return (interest_in(served) & EPOLLOUT) != 0;
    }));
  }

  void take_all() {
    CHECK(socket.receive(unread) == std::string(unread, 's'));
    unread = 0;
  }
};

struct SharedWorkersFixture {
  Stats stats;
  TimerThread timers;
  SessionRegistry sessions{stats};
  SharedWorkers workers;

  explicit SharedWorkersFixture(std::size_t count = 1)
      : workers(sessions, timers, SessionLimits{}, count, Options{}.stack_size, [] {}) {}
  ~SharedWorkersFixture() { sessions.reset(); }

  WatchedClient hand_over(std::pair<Descriptor, Socket> ends, Admission::Ticket ticket = {}) {
    AcceptedConnection connection{.number = stats.count_accepted(),
                                  .socket = std::move(ends.first),
                                  .peer = "test",
                                  .ticket = std::move(ticket)};
    const int served = connection.socket.get();
    workers.hand_over(connection);
    return {std::move(ends.second), served};
  }
  WatchedClient connect() { return hand_over(testing::tcp_pair()); }

  bool busy_becomes(std::size_t count) {
    return eventually([&] { return workers.counts().busy == count; });
  }
  bool closed_becomes(CloseCause cause, std::uint64_t count) {
    return eventually([&] { return sessions.snapshot().closed_as(cause) == count; });
  }
};

}  // namespace echo::testing
