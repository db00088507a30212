#include "client/results/compare.h"

#include <fmt/format.h>

#include <map>
#include <optional>

#include "client/results/comparison_report.h"
#include "client/results/json_report.h"
#include "client/results/run_measures.h"
#include "client/results/saved_results.h"
#include "client/results/text.h"
#include "common/console.h"
#include "common/error_text.h"
#include "common/exit_code.h"
#include "common/output_file.h"
#include "common/usage_error.h"

namespace echo {
namespace {

using Runs = std::vector<NamedResult>;

std::string input_identity(const std::string& path) {
  return output_identity(path == "-" ? "/dev/stdin" : path);
}

// No output may replace an input, or share a file with another one.
void check_compared_paths(const CompareOptions& options) {
  int standard_inputs = 0;
  std::map<std::string, std::string> taken;
  for (const auto* side : {&options.base, &options.next}) {
    for (const std::string& path : *side) {
      if (path == "-") ++standard_inputs;
      taken.emplace(input_identity(path), path);
    }
  }
  if (standard_inputs > 1) {
    throw UsageError("- is given twice: standard input holds one result");
  }
  if (options.json.empty()) return;
  if (options.json != "-") taken.emplace(output_identity("-"), "standard output");
  const std::string identity = output_identity(options.json);
  const auto other = taken.find(identity);
  if (identity.empty() || other == taken.end()) return;
  throw UsageError(fmt::format("{} and --json {} are the same file; each needs its own",
                               other->second, options.json));
}

// A run that is given twice on one side is still one run, under whatever names it is saved.
void warn_of_repeated(const Runs& runs, std::vector<std::string>& warnings) {
  std::map<std::string, std::string> names;
  for (const auto& [name, result] : runs) {
    const auto [first, is_new] = names.emplace(json_report(result), name);
    if (is_new) continue;
    const std::string same = first->second == name ? "" : ", as " + first->second + " too";
    warnings.push_back(
        fmt::format("{} is given twice on one side{}, and is counted as two runs", name, same));
  }
}

std::string title(const Runs& runs) {
  std::string targets;
  std::string labels;
  for (const auto& [name, result] : runs) {
    add_word(targets, result.target);
    add_word(labels, result.plan.label);
  }
  return labels.empty() ? targets : fmt::format("{} ({})", targets, labels);
}

// The first run whose settings are not those of the first one of all.
std::string unlike_line(const Runs& base, const Runs& next, std::vector<std::string>& unlike) {
  for (const Runs* side : {&base, &next}) {
    for (const auto& [name, result] : *side) {
      unlike = unlike_options(base.front().result, result);
      if (unlike.empty()) continue;
      return fmt::format("{} and {} had unlike settings: {}; --force compares them all the same",
                         base.front().name, name, fmt::join(unlike, ", "));
    }
  }
  return {};
}

int write_json(std::optional<OutputFile>& file, const ComparedSides& sides) {
  if (!file) return exit_ok;
  file->write(comparison_json(sides));
  const int error = file->finish();
  if (error == 0) return exit_ok;
  print_error(fmt::format("echoc: cannot write {}: {}",
                          file->path() == "-" ? "to standard output" : file->path(),
                          error_text(error)));
  return exit_failed;
}

// What the report would have said goes to standard error where the JSON takes its place.
bool report(const CompareOptions& options, const ComparedSides& sides) {
  if (options.json != "-") {
    return print(options.markdown ? comparison_markdown(sides) : comparison_text(sides));
  }
  for (const std::string& warning : sides.warnings) print_error("echoc: warning: " + warning);
  for (const GateVerdict& gate : sides.comparison.gates) {
    if (gate.failed) print_error(fmt::format("echoc: {}: failed", gate.threshold.text));
  }
  if (!sides.comparison.has_enough_runs()) {
    print_error(fmt::format(
        "echoc: warning: fewer than {} runs a side cannot show a significant difference",
        kFewestRuns));
  }
  return true;
}

}  // namespace

int run_compare(const CompareOptions& options) {
  check_compared_paths(options);
  std::optional<OutputFile> json;
  if (!options.json.empty()) json.emplace(options.json);
  std::vector<std::string> problems;
  const Runs base = read_saved_results(options.base, problems);
  const Runs next = read_saved_results(options.next, problems);
  for (const std::string& problem : problems) print_error("echoc: " + problem);
  if (!problems.empty()) return exit_failed;

  ComparedSides sides;
  sides.base = title(base);
  sides.next = title(next);
  warn_of_repeated(base, sides.warnings);
  warn_of_repeated(next, sides.warnings);
  const std::string unlike = unlike_line(base, next, sides.unlike);
  if (!unlike.empty() && !options.force) {
    sides.refused = true;
    sides.comparison.base_runs = base.size();
    sides.comparison.next_runs = next.size();
    print_error("echoc: " + unlike);
    write_json(json, sides);
    return exit_usage;
  }
  const auto& percentiles = base.front().result.plan.percentiles;
  sides.comparison = compare(measures_of(base, next, percentiles, options.fail), options.fail);
  const int written = write_json(json, sides);
  const bool printed = report(options, sides);
  if (sides.comparison.failed()) return exit_objective_missed;
  return printed ? written : exit_failed;
}

}  // namespace echo
