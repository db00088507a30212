// A pacer that polls on one connection: a message leaves when it is due, VALUE a second, whatever
// has come back. Tells how late they leave: as late as a program must on this machine.
#include <chrono>
#include <vector>

#include "tests/bench/client.h"

namespace {

using Clock = std::chrono::steady_clock;

// Takes whatever is there.
void drain(int socket, std::vector<char>& buffer) {
  const ssize_t count = ::recv(socket, buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (count == 0 || (count < 0 && errno != EAGAIN)) echo::bench::fail("recv");
}

}  // namespace

int main(int argc, char** argv) {
  const auto arguments = echo::bench::parse(argc, argv);
  const int socket = echo::bench::connect(arguments.port);
  const std::vector<char> message(arguments.size, 'x');
  std::vector<char> buffer(arguments.size);
  const auto gap = std::chrono::nanoseconds(1'000'000'000) / arguments.value;
  const auto messages = static_cast<std::int64_t>(arguments.seconds * arguments.value);
  echo::bench::Latencies lateness;
  echo::bench::say_measuring();
  const auto start = Clock::now();
  auto now = start;
  for (std::int64_t i = 0; i < messages; ++i) {
    const auto due = start + i * gap;
    while ((now = Clock::now()) < due) drain(socket, buffer);
    lateness.record(static_cast<std::uint64_t>((now - due).count()));
    const ssize_t count = ::send(socket, message.data(), message.size(), MSG_NOSIGNAL);
    if (count != static_cast<ssize_t>(message.size())) echo::bench::fail("send");
  }
  const std::chrono::duration<double> elapsed = Clock::now() - start;
  echo::bench::say_result(lateness.count(), elapsed.count(), &lateness);
}
