// A client that polls on one connection: send a message, try to receive until it is there, again.
// What a round trip takes at least; nothing is compared.
#include <chrono>
#include <vector>

#include "tests/bench/client.h"

namespace {

using Clock = std::chrono::steady_clock;

void receive(int socket, std::vector<char>& buffer) {
  for (std::size_t received = 0; received < buffer.size();) {
    const ssize_t count = ::recv(socket, buffer.data(), buffer.size() - received, MSG_DONTWAIT);
    if (count < 0 && errno == EAGAIN) continue;
    if (count <= 0) echo::bench::fail("recv");
    received += static_cast<std::size_t>(count);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const auto arguments = echo::bench::parse(argc, argv);
  const int socket = echo::bench::connect(arguments.port);
  std::vector<char> message(arguments.size, 'x');
  echo::bench::Latencies latencies;
  echo::bench::say_measuring();
  const auto start = Clock::now();
  const std::chrono::duration<double> seconds(arguments.seconds);
  auto sent_at = start;
  while (sent_at - start < seconds) {
    const ssize_t count = ::send(socket, message.data(), message.size(), MSG_NOSIGNAL);
    if (count != static_cast<ssize_t>(message.size())) echo::bench::fail("send");
    receive(socket, message);
    const auto now = Clock::now();
    latencies.record(static_cast<std::uint64_t>((now - sent_at).count()));
    sent_at = now;
  }
  const std::chrono::duration<double> elapsed = sent_at - start;
  echo::bench::say_result(latencies.count(), elapsed.count(), &latencies);
}
