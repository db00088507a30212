#include "client/results/merge.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "client/results/fleet.h"
#include "client/results/merged_result.h"
#include "client/results/outputs.h"
#include "client/results/text.h"
#include "common/console.h"
#include "common/exit_code.h"
#include "common/usage_error.h"

namespace echo {
namespace {

LoadPlan output_plan(const MergeOptions& options) {
  LoadPlan plan;
  plan.json = options.json;
  plan.hgrm = options.hgrm;
  return plan;
}

// Times alone cannot say what failed or how fast it went.
void check_times_only(const MergeOptions& options) {
  if (!options.json.empty()) {
    throw UsageError("--json needs JSON results: .hlog files hold times only");
  }
  for (const Objective& objective : options.objectives) {
    if (objective.is_time()) continue;
    throw UsageError(
        fmt::format("--slo {} needs JSON results: .hlog files hold times only", objective.text));
  }
}

void check_rate_shares(const MergeOptions& options, const Result& result) {
  if (result.open_loop()) return;
  for (const Objective& objective : options.objectives) {
    if (objective.needs_due_times()) {
      throw UsageError(fmt::format(
          "--slo: '{}' needs a rate, and these results have none: no message was due at a time",
          objective.text));
    }
    if (objective.kind != Objective::Kind::rate_share) continue;
    throw UsageError(fmt::format("--slo: '{}' is a share of a rate, and these results have none",
                                 objective.text));
  }
}

std::vector<std::string> problems_of(const MergedResult& merged, const MergeOptions& options) {
  std::vector<std::string> problems = merged.problems();
  const std::uint64_t count = merged.kind() == MergedResult::Kind::none
                                  ? 0
                                  : merged.result().generators - merged.repeated();
  if (options.expect != 0 && count != options.expect) {
    problems.push_back(
        fmt::format("{} of the {} expected", counted(count, "result"), grouped(options.expect)));
  }
  if (std::string missing = missing_shares(merged.result().shares); !missing.empty()) {
    problems.push_back(std::move(missing));
  }
  return problems;
}

}  // namespace

int run_merge(const MergeOptions& options) {
  const LoadPlan plan = output_plan(options);
  std::vector<std::string> inputs = options.files;
  std::ranges::replace(inputs, "-", "/dev/stdin");  // whose name a file may have
  Outputs outputs(plan, inputs);
  MergedResult merged;
  for (const std::string& path : options.files) merged.add_file(path);
  if (merged.kind() == MergedResult::Kind::hlog) check_times_only(options);
  if (merged.kind() == MergedResult::Kind::json) check_rate_shares(options, merged.result());

  const std::vector<std::string> problems = problems_of(merged, options);
  for (const std::string& problem : problems) print_error("echoc: " + problem);
  Result result = merged.result();
  if (std::string apart = start_warning(result); !apart.empty()) {
    result.remarks.push_back(std::move(apart));
  }
  result.plan.percentiles = options.percentiles;
  result.plan.no_picture = options.no_picture;
  result.plan.objectives = options.objectives;
  if (merged.kind() == MergedResult::Kind::none) result.error = "there is no result to merge";
  const int status = outputs.finish(result, -1);
  const bool is_worse = status == exit_corrupt || status == exit_interrupted;
  return problems.empty() || is_worse ? status : exit_failed;
}

}  // namespace echo
