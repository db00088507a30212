#include <cmath>

#include <nlohmann/json.hpp>

#include "client/results/comparison_report.h"
#include "client/results/json_parts.h"

namespace echo {
namespace {

using Json = nlohmann::json;

// Infinity has no number in JSON: what had no answer, and a change from nothing, are null.
Json number(double value) {
  return std::isfinite(value) ? Json(value) : Json();
}

Json gates_json(const Comparison& comparison) {
  Json json = Json::array();
  for (const GateVerdict& gate : comparison.gates) {
    json.push_back({{"expr", gate.threshold.text}, {"failed", gate.failed}});
  }
  return json;
}

}  // namespace

Json metrics_json(const Comparison& comparison) {
  Json json = Json::array();
  for (const Difference& one : comparison.differences) {
    json.push_back({{"name", one.name},
                    {"unit", one.unit},
                    {"base", number(one.base)},
                    {"base_spread", number(one.base_spread)},
                    {"new", number(one.next)},
                    {"new_spread", number(one.next_spread)},
                    {"change", number(one.change)},
                    {"p", one.p},
                    {"beyond_noise", one.beyond_noise}});
  }
  return json;
}

std::string comparison_json(const ComparedSides& sides) {
  const Comparison& comparison = sides.comparison;
  const char* const verdict = sides.refused ? "unlike" : comparison.failed() ? "fail" : "pass";
  const Json json{{"tool", "echoc"},
                  {"version", ECHO_VERSION},
                  {"verdict", verdict},
                  {"runs", {{"base", comparison.base_runs}, {"new", comparison.next_runs}}},
                  {"enough_runs", comparison.has_enough_runs()},
                  {"unlike", sides.unlike},
                  {"warnings", sides.warnings},
                  {"metrics", metrics_json(comparison)},
                  {"fail", gates_json(comparison)}};
  // A setting or a path may hold any byte.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace echo
