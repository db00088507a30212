#pragma once

#include <chrono>
#include <string>
#include <variant>
#include <vector>

#include "common/address.h"
#include "common/exit_code.h"
#include "common/logging.h"
#include "server/admission.h"

namespace echo {

// All that echod can be told.
struct Options {
  std::vector<Address> listen{Address::parse("127.0.0.1:7007")};
  std::string port_file;  // empty: none
  int backlog = 4096;
  // 0: off.
  std::chrono::nanoseconds idle_timeout = std::chrono::minutes(5);
  std::chrono::nanoseconds write_timeout = std::chrono::seconds(30);
  std::chrono::nanoseconds max_lifetime{0};
  std::chrono::nanoseconds heartbeat = std::chrono::seconds(5);
  std::chrono::nanoseconds drain_timeout = std::chrono::seconds(10);
  AdmissionLimits admission;
  LogSettings log;
};

// The options, or the exit code of a run that ends here: help and version are printed on standard
// output, a mistake as one line on standard error.
std::variant<Options, ExitCode> parse_options(int argc, const char* const* argv);

}  // namespace echo
