#include "common/random_seed.h"

#include <unistd.h>

#include <cerrno>
#include <limits>
#include <system_error>

namespace echo {
namespace {

// What reads JSON may hold numbers as doubles, as jq and JavaScript do: these come back whole.
constexpr int kUnused = 64 - std::numeric_limits<double>::digits;

}  // namespace

std::uint64_t random_seed() {
  std::uint64_t seed = 0;
  if (::getentropy(&seed, sizeof seed) != 0) {
    throw std::system_error(errno, std::generic_category(), "getentropy");
  }
  return seed >> kUnused;
}

}  // namespace echo
