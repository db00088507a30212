#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "client/results/result.h"

namespace echo {

// A saved result with all that a report needs of it. Pure, any thread.
struct SavedRun {
  std::string name;  // of its file
  Result result;     // with its intervals, verdicts and search
  std::vector<std::string> warnings;
  bool has_lateness = false;  // its intervals know how late echoc was
};

// Reads what `echoc load --json` or `echoc merge --json` wrote, partial and empty results too.
// Throws std::runtime_error, a part of a sentence, for anything else.
SavedRun parse_saved_run(const std::string& name, std::string_view text);

}  // namespace echo
