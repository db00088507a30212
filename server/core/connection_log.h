#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string_view>

#include "common/close_cause.h"
#include "common/log_limit.h"

namespace echo {

// The end of a connection as the log tells it.
struct ClosedConnection {
  std::uint64_t number = 0;
  std::string_view address;  // of the peer
  CloseCause cause = CloseCause::none;
  std::uint64_t received = 0;
  std::uint64_t sent = 0;
  std::chrono::nanoseconds lasted{};
};

// The "client N connected" and "client N closed" lines, of sessions and of refused clients. A line
// about what the client did itself is for debugging and costs nothing unless it is logged; of every
// other cause there is at most one line per second. Thread rule: any thread.
class ConnectionLog {
 public:
  static void connected(std::uint64_t number, std::string_view address);

  // `why`: the fault of this machine that ended it.
  void closed(const ClosedConnection& connection, std::string_view why = {});

  // At the end, and if there is memory for that: how many had no line, by cause.
  void tell_suppressed() noexcept;

  // A session that ended by an exception, as when there is no memory for it.
  void failed(std::string_view why) noexcept;

 private:
  std::array<LogLimit, kCloseCauses> limits_;  // by CloseCause
  LogLimit failed_;
};

}  // namespace echo
