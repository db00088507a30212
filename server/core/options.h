#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/address.h"
#include "common/logging.h"
#include "server/core/admission.h"

namespace echo {

// All that echod can be told; a value, to which config/option_table.cpp gives names.
struct Options {
  std::vector<Address> listen{Address::parse("127.0.0.1:7007")};
  bool listen_given = false;  // false: sockets that the process inherits stand in for the default
  std::string port_file;      // empty: none
  std::optional<Address> metrics;
  int backlog = 4096;
  std::optional<unsigned> unix_mode;  // permissions of unix sockets
  // 0: off.
  std::chrono::nanoseconds idle_timeout = std::chrono::minutes(5);
  std::chrono::nanoseconds write_timeout = std::chrono::seconds(30);
  std::chrono::nanoseconds max_lifetime{0};
  std::chrono::nanoseconds keepalive = std::chrono::seconds(60);
  std::chrono::nanoseconds heartbeat = std::chrono::seconds(5);
  std::chrono::nanoseconds drain_timeout = std::chrono::seconds(10);
  std::chrono::nanoseconds spin = std::chrono::microseconds(200);
  std::uint32_t workers = 0;  // threads that serve many connections each; 0: one per connection
  std::size_t stack_size = std::size_t{64} * 1024;  // of a worker
  AdmissionLimits admission;
  LogSettings log;
  bool daemon = false;
  std::string pid_file;  // empty: none
  std::string user;      // empty: whoever started it
};

}  // namespace echo
