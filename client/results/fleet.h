#pragma once

#include <optional>
#include <string>

#include "client/results/result.h"

namespace echo {

// What results of generators that ran side by side are together, beside their counts and times.

// Adds what `next` was asked for and when it ran: rates add up, and the time in which all of the
// runs measured is what they have in common.
void add_side_by_side(Result& sum, const Result& next);

// What to say of a merged result whose runs began at different times; empty if nothing.
std::string start_warning(const Result& merged);

}  // namespace echo
