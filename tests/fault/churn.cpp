// A crowd of clients for a server under faults: churn ADDRESS SECONDS. They echo, half-close,
// reset, sit silent and take nothing. Being refused, cut or reset is part of it and counted; what
// comes back must be what was sent, else the exit status is 4.
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <list>
#include <random>
#include <string>
#include <string_view>
#include <thread>

#include "common/thread.h"
#include "tests/support/socket.h"

namespace echo::testing {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

struct Counts {
  std::atomic<long> connected{0};
  std::atomic<long> refused{0};  // no connection, or one that ended before a byte came back
  std::atomic<long> whole{0};
  std::atomic<long> cut{0};
  std::atomic<long> wrong{0};
};

class Client {
 public:
  Client(std::string address, unsigned seed, Counts& counts)
      : address_(std::move(address)), random_(seed), counts_(counts) {}

  using Role = void (Client::*)();

  // Keeps to its role until the time is over.
  void play(Role role, Clock::time_point until) {
    while (Clock::now() < until) {
      try {
        (this->*role)();
      } catch (const std::exception&) {
        ++counts_.refused;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(upto(10)));
    }
  }

  void talk() {
    Socket socket = connect();
    for (int i = upto(20); i >= 0; --i) {
      const std::string text = random_text(1 + upto(2000));
      if (!socket.try_send(text) || !check(receive(socket, text.size()), text)) return;
    }
  }

  void half_close() {
    Socket socket = connect();
    const std::string text = random_text(upto(500'000));
    Thread sender("sender", [&] {
      if (socket.try_send(text)) socket.finish_sending();
    });
    check(receive(socket, text.size() + 1), text);
    socket.cut();
  }

  void reset() {
    Socket socket = connect();
    const std::string text = random_text(upto(200'000));
    ::send(socket.descriptor(), text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (upto(1) == 0) receive(socket, 1);
    socket.reset();
  }

  void be_silent() {
    Socket socket = connect();
    wait(socket, POLLIN);
  }

  void take_nothing() {
    Socket socket = connect();
    const std::string text = random_text(1 << 20);
    while (::send(socket.descriptor(), text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL) > 0) {
    }
    wait(socket, 0);  // for the reset alone
  }

 private:
  Socket connect() {
    Socket socket = Socket::connect(address_);
    ++counts_.connected;
    return socket;
  }

  int upto(int highest) { return std::uniform_int_distribution<int>(0, highest)(random_); }

  std::string random_text(int size) {
    std::string text(static_cast<std::size_t>(size), '\0');
    for (char& c : text) c = static_cast<char>(random_());
    return text;
  }

  // So many bytes, or what comes until the connection ends.
  static std::string receive(Socket& socket, std::size_t size) {
    std::string bytes;
    try {
      while (bytes.size() < size) {
        const std::string more = socket.receive_some(size - bytes.size());
        if (more.empty()) break;
        bytes += more;
      }
    } catch (const std::exception&) {  // a reset
    }
    return bytes;
  }

  // Whether all came back.
  bool check(std::string_view back, std::string_view text) {
    if (!text.starts_with(back)) ++counts_.wrong;
    const bool whole = back == text;
    ++(whole ? counts_.whole : back.empty() ? counts_.refused : counts_.cut);
    return whole;
  }

  // Until the server ends the connection, but not for ever.
  static void wait(const Socket& socket, short events) {
    pollfd end{socket.descriptor(), events, 0};
    ::poll(&end, 1, 10'000);
  }

  const std::string address_;
  std::mt19937 random_;
  Counts& counts_;
};

void run(const std::string& address, std::chrono::seconds duration, Counts& counts) {
  constexpr std::array<Client::Role, 12> kRoles{
      &Client::talk,       &Client::talk,       &Client::talk,      &Client::talk,
      &Client::half_close, &Client::half_close, &Client::reset,     &Client::reset,
      &Client::be_silent,  &Client::be_silent,  &Client::be_silent, &Client::take_nothing};
  constexpr unsigned kEach = 5;
  const auto until = Clock::now() + duration;
  std::list<Thread> threads;
  for (unsigned i = 0; i < kEach * kRoles.size(); ++i) {
    threads.emplace_back(
        "client", [&, i] { Client(address, i, counts).play(kRoles[i % kRoles.size()], until); });
  }
}

}  // namespace
}  // namespace echo::testing

int main(int argc, char** argv) {
  const long seconds = argc == 3 ? std::atol(argv[2]) : 0;
  if (seconds <= 0) {
    std::fputs("usage: churn ADDRESS SECONDS\n", stderr);
    return 2;
  }
  std::signal(SIGPIPE, SIG_IGN);
  echo::testing::Counts counts;
  echo::testing::run(argv[1], std::chrono::seconds(seconds), counts);
  std::printf("clients: %ld connected, %ld echoes whole, %ld cut, %ld refused, %ld wrong\n",
              counts.connected.load(), counts.whole.load(), counts.cut.load(),
              counts.refused.load(), counts.wrong.load());
  return counts.wrong == 0 ? 0 : 4;
}
