#pragma once

#include <cstddef>
#include <cstdlib>
#include <string>

namespace echo::testing {

// The --workers that the servers of all tests run with: those tests run a second time, with shared
// workers. A case that is about one kind of them is in the suite "one driver" and runs once.
inline std::string workers_under_test() {
  const char* const given = std::getenv("ECHOD_TEST_WORKERS");
  return given == nullptr ? "per-connection" : given;
}

// How many of them there are without any client.
inline std::size_t steady_workers(const std::string& workers = workers_under_test()) {
  return workers == "per-connection" ? 0 : std::stoul(workers);
}

}  // namespace echo::testing
