#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "client/page/saved_run.h"

namespace echo {

inline constexpr std::size_t kLargestPage = 500 * 1024;  // bytes

// One page that shows the runs, of which the first is the base of the others. It holds all that it
// needs and may load nothing. Where the runs have more to show than a page has room for, it shows
// them in less detail and says so. Throws std::runtime_error if even that does not help.
// REQUIRES: at least one run. Pure, any thread.
std::string report_page(const std::vector<SavedRun>& runs);

}  // namespace echo
