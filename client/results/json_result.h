#pragma once

#include <string_view>

#include "client/results/result.h"

namespace echo {

// Reads what json_report() wrote: counters, histograms and what they stand on; intervals and
// verdicts are left out. Throws std::runtime_error, a part of a sentence, for anything else.
Result parse_result(std::string_view text);

}  // namespace echo
