#include "client/load/turns.h"

#include <algorithm>
#include <numeric>

namespace echo::load {

std::vector<std::size_t> turns_of(std::size_t round, std::size_t targets) {
  std::vector<std::size_t> turns(targets);
  std::iota(turns.begin(), turns.end(), std::size_t{0});
  if (round % 2 == 1) std::ranges::reverse(turns);
  return turns;
}

}  // namespace echo::load
