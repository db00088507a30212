#pragma once

#include <nlohmann/json.hpp>

#include "client/results/comparison.h"
#include "client/results/result.h"

namespace echo {

// Parts that several JSON texts of this room have in common. Pure, any thread.

nlohmann::ordered_json result_json(const Result& result);
nlohmann::ordered_json targets_json(const Result& result);
nlohmann::json metrics_json(const Comparison& comparison);

}  // namespace echo
