#pragma once

#include <cstddef>
#include <filesystem>
#include <limits>
#include <string>

namespace echo {

// How many connections the process can bear whatever it is told to: each takes a descriptor, memory
// and, unless threads are shared, a thread.
struct ConnectionCeiling {
  std::size_t connections = std::numeric_limits<std::size_t>::max();
  std::string reason;  // the limit that it comes from, for the user

  // Looked at now: descriptors that are open already and threads of other processes are left out.
  // The folder is for tests; in it are proc and sys.
  static ConnectionCeiling of_this_process(const std::filesystem::path& root = "/",
                                           bool threads_are_shared = false);
};

}  // namespace echo
