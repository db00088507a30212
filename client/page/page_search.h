#pragma once

#include <cstddef>

#include <nlohmann/json_fwd.hpp>

#include "client/results/found_rate.h"

namespace echo {

// What the page's script shows of a search: facts, the last `most` trials, and a chart of the first
// time among the objectives, unless there is none or only one rate was tried. Pure, any thread.
nlohmann::ordered_json page_search(const FoundRate& found, std::size_t most);

}  // namespace echo
