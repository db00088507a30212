#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>

namespace echo::load {

// What the machine must have for a run, looked at before it starts. Each throws std::runtime_error
// with one line that names the limit, what it is, and the way out. The folder is for tests; in it
// is proc. What can't be read is taken for enough.

// Returns how many descriptors are left for other uses.
std::uint64_t check_descriptors(std::uint64_t connections, std::uint64_t threads);

// Each source address has its own ports; 0 sources: the kernel chooses one.
void check_ports(std::uint64_t connections, std::size_t sources,
                 const std::filesystem::path& root = "/");

void check_memory(std::uint64_t connections, std::uint64_t bytes_per_connection,
                  const std::filesystem::path& root = "/");

}  // namespace echo::load
