#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/support/paced_server.h"
#include "tests/support/result_sums.h"
#include "tests/system/echoc_load.h"

namespace echo::testing {

// A search of `echoc load --find-rate` and what it reports.
struct Search : Load {
  using Load::Load;

  const nlohmann::json& found() const { return result.at("find_rate"); }
  double rate() const { return found().at("rate"); }
};

inline Search search(const std::string& address, std::vector<std::string> options) {
  return {address, options};
}

// The exit status that the contract has for the result of a search.
inline int status_of_search(const nlohmann::json& result) {
  const nlohmann::json& found = result.at("find_rate");
  const int run = status_of(result);
  if (run == 4 || run == 130) return run;
  if (!found.at("complete").get<bool>()) return 1;
  if (found.at("rate") == 0) return 3;
  const double required = found.at("required");
  return run == 0 && found.at("rate") < required ? 3 : run;
}

}  // namespace echo::testing
