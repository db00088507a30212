#include "common/random_seed.h"

#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace echo {

std::uint64_t random_seed() {
  std::uint64_t seed = 0;
  if (::getentropy(&seed, sizeof seed) != 0) {
    throw std::system_error(errno, std::generic_category(), "getentropy");
  }
  return seed;
}

}  // namespace echo
