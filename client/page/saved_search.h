#pragma once

#include <nlohmann/json_fwd.hpp>

#include "client/results/found_rate.h"

namespace echo {

// Reads the "find_rate" of a saved result. Throws nlohmann's exceptions, and std::runtime_error, a
// part of a sentence, for a value that find_rate_json() would not have written. Pure, any thread.
FoundRate parse_found_rate(const nlohmann::json& json);

}  // namespace echo
