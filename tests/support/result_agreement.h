#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace echo::testing {

// Everything that one run of echoc load said.
struct Told {
  int status = 0;
  std::string text;  // the report
  nlohmann::json json;
  std::string csv;
  std::string hlog;
  std::string hgrm;
};

// Checks what must hold in every result whatever happened: its sums, its order, that text, JSON,
// CSV and histograms say the same, and that the exit status follows from it. REQUIRES: that no more
// wrong bytes came than a result shows one by one.
void check_agreement(const Told& told);

}  // namespace echo::testing
