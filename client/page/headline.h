#pragma once

#include <string>
#include <vector>

#include "client/page/saved_run.h"

namespace echo {

// What came out, in a sentence. Pure, any thread.

// "127.0.0.1:7007 answered 1,000.0 messages/s over 10.0s, 100 % of the 1,000 asked for: p50 52.1us,
// p99 98.3us; no errors; 2 objectives met." Of a search what it found, of several targets what
// differs from the first beyond noise.
std::string answer_of(const Result& result);

// The answer of one run; of several how they differ from the first, under the given names.
std::string headline(const std::vector<SavedRun>& runs, const std::vector<std::string>& names);

}  // namespace echo
