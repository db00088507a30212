#pragma once

#include <cstdint>

namespace echo {

// A seed that no other process has: drawn from the kernel (getentropy(3)), of 53 bits. Any thread.
std::uint64_t random_seed();

}  // namespace echo
