#include <doctest/doctest.h>
#include <poll.h>
#include <sys/socket.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <list>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/thread.h"
#include "tests/fault/faulty_echod.h"
#include "tests/support/proc.h"
#include "tests/system/clients.h"

namespace echo::testing {
namespace {

using namespace std::chrono_literals;

void check_echo_of_several_clients(FaultyEchod& echod, std::size_t size) {
  std::list<Thread> clients;
  for (int i = 0; i < 5; ++i) {
    clients.emplace_back("client", [&] {
      Socket client = echod.connect();
      CHECK(echo_of(client, pattern(size)) == pattern(size));
    });
  }
}

TEST_CASE("short reads and short writes lose nothing") {
  FaultyEchod echod({}, {"FAULTY_SHORT=7"});
  check_echo_of_several_clients(echod, 100'000);
  echod.check_healthy();
  CHECK(echod->stop() == 0);
}

TEST_CASE("calls that are interrupted again and again lose nothing and end nothing") {
  for (const char* most : {"FAULTY_SHORT=0", "FAULTY_SHORT=5000"}) {
    CAPTURE(most);
    FaultyEchod echod({"--idle-timeout", "1m"}, {"FAULTY_EINTR=2", most});
    check_echo_of_several_clients(echod, 2'000'000);
    echod.check_healthy();
    CHECK(echod->stop() == 0);
  }
}

TEST_CASE("a client that floods without end keeps nobody else from being served") {
  FaultyEchod echod({}, {"FAULTY_FLOOD=flood"});
  echod.turn_on();
  std::vector<Socket> others;
  for (int i = 0; i < 4; ++i) others.push_back(echod.connect());
  Socket flooding = echod.connect();
  flooding.send("flood");
  for (int i = 0; i < 100; ++i) {
    for (Socket& other : others) CHECK(echoes(other));
  }
  echod.turn_off();
  CHECK(flooding.receive(5) == "flood");
  flooding.close();
  for (Socket& other : others) other.close();
  echod.check_healthy();
}

// Echoes small messages, one after the other, until it is told to end.
class Talker {
 public:
  explicit Talker(const FaultyEchod& echod)
      : client_(echod.connect()), thread_("talker", [this] { talk(); }) {}
  ~Talker() { stop_ = true; }

  int messages() const { return messages_; }

 private:
  void talk() {
    while (!stop_) {
      client_.send("talk");
      CHECK(client_.receive(4) == "talk");
      ++messages_;
      std::this_thread::sleep_for(1ms);
    }
  }

  Socket client_;
  std::atomic<bool> stop_{false};
  std::atomic<int> messages_{0};
  Thread thread_;
};

// Sends until all is taken or the connection ends; `look` is called now and then.
template <typename Look>
void send_without_reading(Socket& client, std::size_t size, Look look) {
  const std::string text = pattern(1 << 20);
  pollfd room{client.descriptor(), POLLOUT, 0};
  for (std::size_t sent = 0; sent < size;) {
    const ssize_t taken =
        ::send(client.descriptor(), text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (taken < 0 && errno != EAGAIN) return;
    sent += taken < 0 ? 0 : static_cast<std::size_t>(taken);
    if (taken < 0) ::poll(&room, 1, 20);
    look();
  }
}

TEST_CASE("a client that writes 100 MiB and never reads costs one buffer and is stalled") {
  FaultyEchod echod({"--write-timeout", "2s"});
  std::list<Talker> others;
  for (int i = 0; i < 10; ++i) others.emplace_back(echod);
  CHECK(eventually([&] { return others.back().messages() > 0; }));
  const std::size_t before = resident_memory(echod->id());
  std::size_t most = before;

  Socket writer = echod.connect();
  send_without_reading(writer, 100 << 20,
                       [&] { most = std::max(most, resident_memory(echod->id())); });
  echod->wait_for_log("closed: stalled");
  if (kSanitized) {
    MESSAGE("memory is not checked: a sanitizer's own is in it");
  } else {
    CHECK(most - before < 1 << 20);
  }
  for (Talker& other : others) {
    const int heard = other.messages();
    CHECK(eventually([&] { return other.messages() > heard; }));
  }
  others.clear();
  echod.check_healthy();
}

TEST_CASE("clients that have streamed and are silent do not keep the memory of a stream") {
  FaultyEchod echod({});
  const std::size_t before = resident_memory(echod->id());
  const std::string text = pattern(1 << 20);
  std::list<Socket> clients;
  for (int i = 0; i < 40; ++i) {
    Socket& client = clients.emplace_back(echod.connect());
    std::thread sender([&] { client.send(text); });
    CHECK(client.receive(text.size()) == text);
    sender.join();
  }
  // Large buffers alone would be 10 MiB.
  if (!kSanitized) {
    CHECK(eventually([&] { return resident_memory(echod->id()) < before + (5 << 20); }));
  }
  for (Socket& client : clients) {
    client.send("once more");
    CHECK(client.receive(9) == "once more");
  }
  clients.clear();
  echod.check_healthy();
}

// A client that has just had its bytes back.
struct Fresh {
  std::chrono::steady_clock::time_point since = std::chrono::steady_clock::now();
  Socket socket;

  explicit Fresh(Socket connected) : socket(std::move(connected)) {
    socket.send("before");
    CHECK(socket.receive(6) == "before");
  }
};

TEST_CASE("after a stop of the process nobody is idle whose bytes are already there") {
  constexpr auto kIdle = 1s;
  FaultyEchod echod({"--idle-timeout", "1s"});
  std::size_t late = 0;
  for (int round = 0; round < 3; ++round) {  // the timers do not always run before the workers
    std::list<Fresh> clients;
    // On a busy machine all may have been idle for long enough before it stands still.
    while (clients.empty()) {
      for (int i = 0; i < 100; ++i) clients.emplace_back(echod.connect());
      echod->process().signal(SIGSTOP);
      CHECK(eventually([&] { return is_stopped(echod->id()); }));
      const auto stopped = std::chrono::steady_clock::now();
      late += clients.remove_if([&](const Fresh& one) { return stopped - one.since >= kIdle; });
      if (clients.empty()) echod->process().signal(SIGCONT);
    }
    for (Fresh& client : clients) {
      client.socket.send("meanwhile");
      client.socket.finish_sending();
    }
    std::this_thread::sleep_for(1200ms);  // past the timeout of all of them
    echod->process().signal(SIGCONT);
    for (Fresh& client : clients) CHECK(client.socket.receive_until_end() == "meanwhile");
  }
  echod.check_healthy();
  echod->process().signal(SIGUSR1);
  const std::string counters = echod->process().wait_for_error("counters:");
  CHECK(number_after(counters, "closed_idle=") <= static_cast<long>(late));
}

TEST_CASE("clients that reset while the server reads and while it writes harm nobody") {
  FaultyEchod echod({});
  const std::string text = pattern(200'000);
  for (int i = 0; i < 200; ++i) {
    Socket writer = echod.connect();
    // As much as fits at once: the server may be anywhere in it when the reset comes.
    ::send(writer.descriptor(), text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (i % 2 == 0) CHECK(writer.receive(1000) == text.substr(0, 1000));
    writer.reset();
  }
  echod->wait_for_log("closed: peer_reset");
  echod.check_healthy();
}

TEST_CASE("clients that go away without reading their echo harm nobody") {
  FaultyEchod echod({});
  for (int i = 0; i < 200; ++i) {
    Socket client = echod.connect();
    client.send("unread");
    if (i % 2 == 0) client.receive(1);
  }
  echod.check_healthy();
}

}  // namespace
}  // namespace echo::testing
