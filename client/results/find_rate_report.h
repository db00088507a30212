#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "client/results/found_rate.h"

namespace echo {

// The trials, what was found and what limits it, in at most 78 columns.
std::string find_rate_report(const FoundRate& found);

// What was found: "1,980.0 messages/s, less than the 3,000 required".
std::string found_text(const FoundRate& found);

// What kept the next rate from being met: "the server and the way to it".
std::string limit_text(const FoundRate& found);

// A live line: "400/s for 1s: met, p99 0.153 ms".
std::string trial_line(const RateTrial& trial);

// The result's "find_rate".
nlohmann::ordered_json find_rate_json(const FoundRate& found);

}  // namespace echo
