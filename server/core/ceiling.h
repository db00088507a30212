#pragma once

#include <cstddef>
#include <filesystem>
#include <limits>
#include <string>

namespace echo {

// How many connections the process can bear whatever it is told to: each takes a descriptor and a
// thread.
struct Ceiling {
  std::size_t connections = std::numeric_limits<std::size_t>::max();
  std::string reason;  // the limit that it comes from, for the user

  // Looked at now: descriptors that are open already are left out. The folder is for tests; in it
  // are proc and sys.
  static Ceiling of_this_process(const std::filesystem::path& root = "/");
};

// Takes all descriptors that the process may have: the soft limit (1024 as a rule) guards programs
// that use select(2), and this is none.
void raise_descriptor_limit();

}  // namespace echo
