#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace echo {

// Raises the soft limit on descriptors to the hard one. The usual soft limit of 1024 protects
// programs that use select(2), which these do not. If it can't be raised, it stays.
void raise_descriptor_limit();

// The soft limit now (RLIMIT_NOFILE).
std::uint64_t descriptor_limit();

// How many descriptors the process has open: as many as the limit if none is left to read it with,
// none if it can't be read for another reason. The folder is for tests; in it is proc.
std::optional<std::uint64_t> open_descriptors(const std::filesystem::path& root = "/");

}  // namespace echo
