#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "common/thread.h"
#include "tests/support/socket.h"

namespace echo::testing {

// A server that does to each connection what a script says: an echo, or the evil that a client must
// see through. It listens on a port of 127.0.0.1 that the kernel picks. One thread accepts and each
// connection's script runs on a thread of its own; it ends when it throws, which a client that goes
// away makes it do. The destructor cuts what is left and joins.
class ScriptedServer {
 public:
  // `number` is 1 for the first connection. In a script use CHECK, not REQUIRE.
  using Script = std::function<void(Socket& client, int number)>;

  explicit ScriptedServer(Script script);
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;
  ~ScriptedServer();

  const std::string& address() const { return address_; }
  int accepted() const;
  void wait_for_clients(int count);  // throws std::runtime_error when they don't come

 private:
  struct Client;
  void accept_all();
  void serve(Client& client);

  const Script script_;
  Descriptor listener_;
  std::string address_;
  WakeEvent stopping_;
  mutable std::mutex mutex_;
  std::condition_variable came_;
  std::vector<std::unique_ptr<Client>> clients_;  // guarded by mutex_
  std::unique_ptr<Thread> acceptor_;
};

// Scripts that tests share.
void echo_all(Socket& client);  // until the end of the stream
inline void echo_script(Socket& client, int) {
  echo_all(client);
}
void echo_bytes(Socket& client, std::size_t size);  // exactly so many bytes

// A socket on a port of 127.0.0.1 that the kernel picks, and the address of one.
Descriptor bind_to_free_port();
std::string local_address(int socket);

// An address of 127.0.0.1 at which nobody listens while this process lives.
std::string address_without_server();

}  // namespace echo::testing
