#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace echo {

// How many answers came in each of equal parts of the schedule; those after its end are in none.
// Only of a run with a rate and a duration.
inline constexpr std::size_t kCurveParts = 32;
using AnswerCurve = std::array<std::uint64_t, kCurveParts>;

}  // namespace echo
