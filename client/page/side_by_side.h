#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "client/page/saved_run.h"

namespace echo {

// Several runs in one table, of which the first is the base. Pure, any thread.

// A metric of every run, as text, and how it differs from the base; "" for the base itself.
struct SideBySideRow {
  std::string metric;
  std::vector<std::string> values;
  std::vector<std::string> changes;
};

// The percentiles of the base, mean, maximum, rate, errors and processor time per message.
std::vector<SideBySideRow> side_by_side(const std::vector<SavedRun>& runs);

// "+12.0 %"; "-" where there is nothing to compare.
std::string change_text(const std::string& metric, const Result& base, const Result& next);

// A name for each run, no two alike: its label if every run has one of its own, else its file.
std::vector<std::string> names_of(const std::vector<SavedRun>& runs);

// What a stranger wrote, such as a label: without control characters, and not longer than a page
// has room for.
inline constexpr std::size_t kLongestText = 200;
std::string shown_text(std::string_view text, std::size_t longest = kLongestText);

}  // namespace echo
