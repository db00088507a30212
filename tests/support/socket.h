#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "common/descriptor.h"

namespace echo::testing {

// A blocking stream socket for tests. Every call throws std::runtime_error when it fails or hangs,
// except where it says that it tells.
class Socket {
 public:
  explicit Socket(Descriptor descriptor);

  // Connects to an address as users write it: "127.0.0.1:7007", "unix:/path".
  static Socket connect(std::string_view address);

  int descriptor() const { return descriptor_.get(); }

  void send(std::string_view bytes);
  // False when the peer would take no more, because it has closed or reset the connection.
  bool try_send(std::string_view bytes);

  std::string receive(std::size_t size);                  // exactly so many bytes
  std::string receive_some(std::size_t at_most = 65536);  // "" at the end of the stream
  std::string receive_until_end();
  // Whether the stream is reset before its end; what comes before is thrown away.
  bool is_reset();

  void finish_sending();  // FIN
  void close();
  void reset();  // RST, whatever is still under way

  // From any other thread: whatever the owner does with the connection ends now.
  void cut();

 private:
  Descriptor descriptor_;
  std::unique_ptr<std::mutex> closing_;  // held to close and to cut: the number may be reused
};

}  // namespace echo::testing
