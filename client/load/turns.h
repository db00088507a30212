#pragma once

#include <cstddef>
#include <vector>

namespace echo::load {

// Whose turn it is in a round: A B C, in the next round C B A, and so on, so that what changes
// steadily on the machine favours none of them. Rounds count from 0. Pure, any thread.
std::vector<std::size_t> turns_of(std::size_t round, std::size_t targets);

}  // namespace echo::load
