// What becomes of a saved result of several targets.
#include <doctest/doctest.h>

#include <stdexcept>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "client/results/json_report.h"
#include "client/results/json_result.h"
#include "client/results/merged_result.h"
#include "client/results/saved_results.h"
#include "client/results/target_runs.h"
#include "tests/client/results/made_result.h"
#include "tests/support/temporary_folder.h"

namespace echo {
namespace {

using testing::good_result;

std::string saved_targets() {
  Result run = good_result();
  run.intervals.clear();
  LoadPlan plan = run.plan;
  plan.rounds = 2;
  return json_report(sum_of_targets(plan, {{"a:1", {run, run}}, {"b:1", {run}}}));
}

struct SavedTargets {
  SavedTargets() { testing::write_file(path, saved_targets()); }

  testing::TemporaryFolder folder;
  const std::string path = folder.file("ab.json");
};

TEST_CASE("a result of several targets that is read and written again is the same") {
  CHECK(json_report(parse_result(saved_targets())) == saved_targets());
}

TEST_CASE("a round that is not a result makes the whole not a result") {
  auto saved = nlohmann::json::parse(saved_targets());
  saved["targets"][1]["runs"][0].erase("messages");
  CHECK_THROWS_AS(parse_result(saved.dump()), std::runtime_error);
}

TEST_CASE("merge adds up the targets of a result and says so") {
  const SavedTargets saved;
  MergedResult merged;
  merged.add_file(saved.path);
  CHECK(merged.problems().empty());
  CHECK(merged.result().counters.messages.echoed == 300);
  CHECK(merged.result().targets.empty());
  CHECK(merged.result().remarks ==
        std::vector<std::string>{saved.path + " holds 2 targets, which are added up"});
}

TEST_CASE("a result of several targets is not one run of a comparison") {
  const SavedTargets saved;
  std::vector<std::string> problems;
  CHECK(read_saved_results({saved.path}, problems).empty());
  CHECK(problems ==
        std::vector<std::string>{
            saved.path + ": holds 2 targets, and their comparison; only results of one target can "
                         "be compared"});
}

}  // namespace
}  // namespace echo
