#pragma once

#include <cstddef>
#include <random>
#include <string>

namespace echo::testing {

// The same ones each time.
inline std::string random_bytes(std::size_t size) {
  std::mt19937_64 random(size);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

}  // namespace echo::testing
