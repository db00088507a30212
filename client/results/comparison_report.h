#pragma once

#include <string>
#include <vector>

#include "client/results/comparison.h"

namespace echo {

// What there is to say of two sides of saved results. Pure, any thread.
struct ComparedSides {
  std::string base;  // what was measured: its targets and labels
  std::string next;
  std::vector<std::string> unlike;    // settings that differ, as unlike_options() says them
  std::vector<std::string> warnings;  // anything else that the reader should know
  bool refused = false;               // nothing was compared, because of unlike settings
  Comparison comparison;
};

// "87.2us", "12.3k/s", "failed" for infinity; units as those of an objective.
std::string value_text(const std::string& unit, double value);
// "12.5 %", with a sign "+12.5 %"; "-" for infinity.
std::string share_text(double share, bool has_sign);
// "better", "worse", "within noise", "too few runs".
std::string judgement_text(const Difference& difference, const Comparison& comparison);
// What beyond noise means, or that there are too few runs for it.
std::string noise_text(const Comparison& comparison);

// Parts of the text: what the sides are and a row for each difference; what noise is.
std::string comparison_table(const ComparedSides& sides);
std::string comparison_noise(const Comparison& comparison);

// At most 78 columns.
std::string comparison_text(const ComparedSides& sides);

// A table for a pull request.
std::string comparison_markdown(const ComparedSides& sides);

// { "verdict": "pass" | "fail" | "unlike", "metrics": [...], ... }; docs/compare.schema.json.
std::string comparison_json(const ComparedSides& sides);

}  // namespace echo
