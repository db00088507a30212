#include "client/results/json_parts.h"
#include "client/results/target_comparison.h"

namespace echo {

// A result for each round; the differences from the first target, if both could be compared.
nlohmann::ordered_json targets_json(const Result& result) {
  auto json = nlohmann::ordered_json::array();
  for (const TargetRuns& target : result.targets) {
    nlohmann::ordered_json one{{"target", target.target},
                               {"runs", nlohmann::ordered_json::array()}};
    for (const Result& run : target.runs) one["runs"].push_back(result_json(run));
    const bool is_base = &target == &result.targets.front();
    const auto comparison =
        is_base ? std::nullopt : compare_targets(result.targets.front(), target);
    if (comparison) {
      one["enough_runs"] = comparison->has_enough_runs();
      one["metrics"] = metrics_json(*comparison);
    }
    json.push_back(std::move(one));
  }
  return json;
}

}  // namespace echo
