#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "common/descriptor.h"
#include "common/thread.h"
#include "tests/support/service_rules.h"

namespace echo::testing {

// An echo of messages of 64 bytes that answers each when its rule says so, all connections in one
// order. It listens on a port of 127.0.0.1 that the kernel picks; one thread does everything, and
// the destructor ends it whatever is under way.
class PacedServer {
 public:
  static constexpr std::size_t kSize = 64;

  explicit PacedServer(std::unique_ptr<ServiceRule> rule);
  PacedServer(const PacedServer&) = delete;
  PacedServer& operator=(const PacedServer&) = delete;
  ~PacedServer();

  const std::string& address() const { return address_; }

  // From any thread.
  std::uint64_t answered() const { return answered_; }
  // Each further answer has a wrong byte.
  void corrupt_from_now_on() { is_evil_ = true; }
  std::uint64_t corrupted() const { return corrupted_; }
  // Whoever comes after so many connections is refused, from the end of the last of these on.
  void refuse_after(int connections) { most_ = connections; }

 private:
  struct Client;
  struct Answer {
    ServiceRule::Time due;
    std::shared_ptr<Client> client;
    std::string bytes;  // empty: the end of the stream
  };

  void serve();
  void accept();
  void receive(const std::shared_ptr<Client>& client);
  void take_messages(const std::shared_ptr<Client>& client);
  void send_due(ServiceRule::Time now);
  void send(Client& client, std::string bytes);

  const std::unique_ptr<ServiceRule> rule_;
  Descriptor listener_;
  std::string address_;
  WakeEvent stopping_;
  std::vector<std::shared_ptr<Client>> clients_;
  std::deque<Answer> answers_;  // by their time
  std::atomic<std::uint64_t> answered_ = 0;
  std::atomic<bool> is_evil_ = false;
  std::atomic<std::uint64_t> corrupted_ = 0;
  std::atomic<int> most_ = -1;
  int accepted_ = 0;
  std::unique_ptr<Thread> thread_;
};

}  // namespace echo::testing
