#pragma once

#include <cstddef>

#include <nlohmann/json_fwd.hpp>

#include "client/page/curve.h"
#include "client/results/result.h"

namespace echo {

// What the page's script shows of several targets, `most` of them at most: a row for each with its
// differences from the first, these differences in full, and a curve of all rounds of each.
// REQUIRES: at least one target. Pure, any thread.
nlohmann::ordered_json page_targets(const Result& result, std::size_t most, CurveDetail detail);

}  // namespace echo
