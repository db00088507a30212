#include <cmath>

#include <nlohmann/json.hpp>

#include "client/results/comparison_report.h"
#include "client/results/json_parts.h"

namespace echo {
namespace {

using SortedJson = nlohmann::json;

// Infinity has no number in JSON: what had no answer, and a change from nothing, are null.
SortedJson finite_or_null(double value) {
  return std::isfinite(value) ? SortedJson(value) : SortedJson();
}

SortedJson gates_json(const Comparison& comparison) {
  SortedJson json = SortedJson::array();
  for (const GateVerdict& gate : comparison.gates) {
    json.push_back({{"expr", gate.threshold.text}, {"failed", gate.failed}});
  }
  return json;
}

}  // namespace

SortedJson metrics_json(const Comparison& comparison) {
  SortedJson json = SortedJson::array();
  for (const Difference& one : comparison.differences) {
    json.push_back({{"name", one.name},
                    {"unit", one.unit},
                    {"base", finite_or_null(one.base)},
                    {"base_spread", finite_or_null(one.base_spread)},
                    {"new", finite_or_null(one.next)},
                    {"new_spread", finite_or_null(one.next_spread)},
                    {"change", finite_or_null(one.change)},
                    {"p", one.p},
                    {"beyond_noise", one.beyond_noise}});
  }
  return json;
}

std::string comparison_json(const ComparedSides& sides) {
  const Comparison& comparison = sides.comparison;
  const char* const verdict = sides.refused ? "unlike" : comparison.failed() ? "fail" : "pass";
  const SortedJson json{{"tool", "echoc"},
                        {"version", ECHO_VERSION},
                        {"verdict", verdict},
                        {"runs", {{"base", comparison.base_runs}, {"new", comparison.next_runs}}},
                        {"enough_runs", comparison.has_enough_runs()},
                        {"unlike", sides.unlike},
                        {"warnings", sides.warnings},
                        {"metrics", metrics_json(comparison)},
                        {"fail", gates_json(comparison)}};
  // A setting or a path may hold any byte.
  return json.dump(2, ' ', false, SortedJson::error_handler_t::replace) + "\n";
}

}  // namespace echo
