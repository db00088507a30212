// A client with a blocking thread for each connection: send a message, receive it, again.
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "tests/bench/client.h"

namespace {

std::atomic<bool> stop{false};

void talk(int socket, std::size_t size, std::uint64_t& echoed) {
  std::vector<char> message(size, 'x');
  while (!stop.load(std::memory_order_relaxed)) {
    if (::send(socket, message.data(), size, MSG_NOSIGNAL) != static_cast<ssize_t>(size)) return;
    for (std::size_t received = 0; received < size;) {
      const ssize_t count = ::recv(socket, message.data(), size - received, 0);
      if (count <= 0) return;
      received += static_cast<std::size_t>(count);
    }
    ++echoed;
  }
}

}  // namespace

int main(int argc, char** argv) {
  const auto arguments = echo::bench::parse(argc, argv);
  struct alignas(64) Counter {
    std::uint64_t value = 0;
  };
  std::vector<Counter> echoed(static_cast<std::size_t>(arguments.connections));
  std::vector<std::thread> threads;
  echo::bench::say_measuring();
  const auto start = std::chrono::steady_clock::now();
  for (Counter& counter : echoed) {
    threads.emplace_back(talk, echo::bench::connect(arguments.port), arguments.size,
                         std::ref(counter.value));
  }
  std::this_thread::sleep_for(std::chrono::duration<double>(arguments.seconds));
  stop = true;
  for (std::thread& thread : threads) thread.join();
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  std::uint64_t all = 0;
  for (const Counter& counter : echoed) all += counter.value;
  echo::bench::say_result(all, elapsed.count(), nullptr);
}
