#pragma once

#include <array>
#include <condition_variable>
#include <mutex>
#include <string>

#include "tests/support/deadline.h"
#include "tests/support/scripted_server.h"

namespace echo::testing {

// An echo behind a proxy that crosses two clients: each gets the answers to the messages of the
// other. Connections come in pairs, in the order in which they were made. All messages have 64
// bytes.
class CrossingServer {
 public:
  CrossingServer() : server_([this](Socket& client, int number) { serve(client, number - 1); }) {}

  const std::string& address() const { return server_.address(); }

 private:
  static constexpr std::size_t kSize = 64;
  static constexpr int kMost = 64;

  void serve(Socket& client, int number) {
    const int other = number % 2 == 0 ? number + 1 : number - 1;
    if (other >= kMost) return;
    for (std::string bytes = client.receive(kSize);; bytes = client.receive(kSize)) {
      client.send(exchange(number, other, bytes));
    }
  }

  // Waits until the other one has sent something too, and takes that.
  std::string exchange(int own, int other, const std::string& bytes) {
    std::unique_lock lock(mutex_);
    const auto at = [this](int number) -> std::string& {
      return sent_[static_cast<std::size_t>(number)];
    };
    at(own) += bytes;
    came_.notify_all();
    const bool came =
        came_.wait_until(lock, hang_deadline(), [&] { return at(other).size() >= kSize; });
    if (!came) throw std::runtime_error("nothing to cross with");
    std::string taken = at(other).substr(0, kSize);
    at(other).erase(0, kSize);
    return taken;
  }

  std::mutex mutex_;
  std::condition_variable came_;
  std::array<std::string, kMost> sent_;  // and not yet taken; guarded by mutex_
  ScriptedServer server_;                // last: its threads use the rest
};

}  // namespace echo::testing
