#pragma once

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/support/process.h"
#include "tests/support/text.h"

namespace echo::testing {

// A run of echoc idle, to its end, with its result.
struct IdleRun {
  int status = 0;
  std::string output;
  std::string errors;
  nlohmann::json result;  // null if it wrote none

  const nlohmann::json& target(std::size_t number = 0) const {
    return result.at("targets").at(number);
  }
  // Of the gap with that number, from the shortest.
  std::string verdict(std::size_t gap, std::size_t number = 0) const {
    const auto& verdict = target(number).at("gaps").at(gap).at("verdict");
    return verdict.is_null() ? "null" : verdict.get<std::string>();
  }
};

// `prefix` is a command that becomes echoc, such as ip netns exec.
inline IdleRun run_idle(const std::vector<std::string>& options,
                        std::vector<std::string> prefix = {}) {
  prefix.insert(prefix.end(), {ECHOC_PATH, "idle", "--json", "-"});
  prefix.insert(prefix.end(), options.begin(), options.end());
  const Finished done = run_program(prefix);
  IdleRun run{done.status, done.output, done.errors, {}};
  CAPTURE(done.output);
  CAPTURE(done.errors);
  run.result = nlohmann::json::parse(done.output, nullptr, false);
  CHECK_FALSE(run.result.is_discarded());
  return run;
}

}  // namespace echo::testing
