#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include "common/address.h"
#include "common/exit_code.h"
#include "common/logging.h"
#include "server/core/admission.h"

namespace echo {

// All that echod can be told; settings.cpp gives each its name.
struct Options {
  std::vector<Address> listen{Address::parse("127.0.0.1:7007")};
  bool listen_given = false;  // false: sockets that the process inherits stand in for the default
  std::string port_file;      // empty: none
  std::optional<Address> metrics;
  int backlog = 4096;
  // 0: off.
  std::chrono::nanoseconds idle_timeout = std::chrono::minutes(5);
  std::chrono::nanoseconds write_timeout = std::chrono::seconds(30);
  std::chrono::nanoseconds max_lifetime{0};
  std::chrono::nanoseconds heartbeat = std::chrono::seconds(5);
  std::chrono::nanoseconds drain_timeout = std::chrono::seconds(10);
  std::chrono::nanoseconds spin = std::chrono::microseconds(200);
  std::size_t stack_size = std::size_t{64} * 1024;  // of a worker
  AdmissionLimits admission;
  LogSettings log;
  bool daemon = false;
  std::string pid_file;  // empty: none
  std::string user;      // empty: whoever started it
};

// A mistake of the user's: what() is one line without the program's name.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The options, or the exit code of a run that ends here: help, version and the result of
// --check-config are printed on standard output, a mistake as one line on standard error.
std::variant<Options, ExitCode> parse_options(int argc, const char* const* argv);

// The options as command line and configuration file say now. Throws UsageError.
Options read_options(int argc, const char* const* argv);

}  // namespace echo
