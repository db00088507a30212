#include "client/page/page_data.h"

#include <fmt/format.h>

#include <algorithm>

#include <nlohmann/json.hpp>

#include "client/page/headline.h"
#include "client/page/page_facts.h"
#include "client/page/page_search.h"
#include "client/page/page_targets.h"
#include "client/page/page_values.h"
#include "client/page/shown_intervals.h"
#include "client/page/side_by_side.h"
#include "client/results/run_measures.h"

namespace echo {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostTexts = 20;  // warnings or objectives of a run
constexpr std::size_t kMostTargets = 50;
constexpr std::size_t kLongestWarning = 600;

Json times_json(const Histogram& times, const Percentiles& percentiles) {
  Json json{{"count", times.count()}};
  if (times.count() == 0) return json;
  json["min"] = time_json(times.min());
  json["mean"] = rounded(times.mean() / 1e3);
  json["stddev"] = rounded(times.stddev() / 1e3);
  Json& list = json["percentiles"] = Json::array();
  for (const double one : percentiles) list.push_back({one, time_json(times.percentile(one))});
  json["max"] = time_json(times.max());
  return json;
}

// A row: end in seconds, rate, p50, p99, maximum, errors, lateness, connections.
Json intervals_json(const SavedRun& run, std::size_t most) {
  const auto [each, rows] = shown_intervals(run.result.intervals, most);
  Json list = Json::array();
  for (const Interval& row : rows) {
    const auto time = [&](nanoseconds value) {
      return row.echoed == 0 ? Json() : time_json(value);
    };
    list.push_back({rounded(row.at_seconds()), rounded(row.rate()), time(row.p50), time(row.p99),
                    time(row.max), row.errors, run.has_lateness ? time_json(row.lateness) : Json(),
                    row.connections});
  }
  return {{"each", each}, {"of", run.result.intervals.size()}, {"rows", list}};
}

Json objectives_json(const std::vector<Verdict>& verdicts) {
  Json json = Json::array();
  for (std::size_t i = 0; i < std::min(verdicts.size(), kMostTexts); ++i) {
    const Verdict& verdict = verdicts[i];
    const std::string target = verdict.target.empty() ? "" : verdict.target + " ";
    json.push_back({{"expr", shown_text(target + verdict.text)},
                    {"met", verdict.met},
                    {"shown", shown_text(verdict.shown)}});
  }
  return json;
}

std::vector<std::string> warnings_of(const SavedRun& run, const SavedRun& base) {
  std::vector<std::string> list;
  const auto unlike = unlike_options(base.result, run.result);
  if (!unlike.empty()) {
    list.push_back(shown_text(
        fmt::format("not the settings of the base: {}", fmt::join(unlike, ", ")), kLongestWarning));
  }
  for (const std::string& one : run.warnings) list.push_back(shown_text(one, kLongestWarning));
  if (list.size() <= kMostTexts) return list;
  const std::size_t more = list.size() - kMostTexts;
  list.resize(kMostTexts);
  list.push_back(fmt::format("and {} more", more));
  return list;
}

Json run_json(const SavedRun& run, const SavedRun& base, const PageDetail& detail, bool is_alone) {
  const Result& result = run.result;
  const Percentiles& percentiles = result.plan.percentiles;
  Json json{{"answer", answer_of(result)},
            {"partial", result.partial},
            {"merged", result.generators > 1},
            {"facts", facts_of(run)}};
  if (result.found_rate) json["search"] = page_search(*result.found_rate, detail.intervals);
  if (!result.targets.empty()) {
    json["targets"] = page_targets(result, std::min(detail.intervals, kMostTargets), detail.curve);
  }
  for (const Metric metric : kMetrics) {
    const std::string key(name(metric));
    const Histogram& times = result.histogram(metric);
    json["times"][key] = times_json(times, percentiles);
    // A page of several runs has only the curves that it compares, to stay within its size.
    const bool has_curve = is_alone || metric == Metric::latency || metric == Metric::connect;
    if (has_curve) json["curves"][key] = curve_json(times, percentiles, detail.curve);
  }
  json["intervals"] = intervals_json(run, detail.intervals);
  json["objectives"] = objectives_json(result.verdicts);
  json["unlisted"] = result.verdicts.size() - json["objectives"].size();
  json["warnings"] = warnings_of(run, base);
  json["options"] = options_of(result);
  json["machine"] = machine_of(result);
  return json;
}

Json side_by_side_json(const std::vector<SavedRun>& runs) {
  Json json = Json::array();
  if (runs.size() < 2) return json;
  for (const SideBySideRow& row : side_by_side(runs)) {
    json.push_back({{"metric", row.metric}, {"values", row.values}, {"changes", row.changes}});
  }
  return json;
}

// Nothing in it ends a script element or begins a comment in one.
std::string script_escaped(const std::string& json) {
  std::string text;
  for (const char c : json) {
    if (c == '<' || c == '>' || c == '&') {
      text += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      text += c;
    }
  }
  return text;
}

}  // namespace

std::string page_data(const std::vector<SavedRun>& runs, const PageDetail& detail) {
  const std::vector<std::string> names = names_of(runs);
  Json json{{"comparison", side_by_side_json(runs)}, {"runs", Json::array()}};
  for (std::size_t i = 0; i < runs.size(); ++i) {
    Json run = run_json(runs[i], runs.front(), detail, runs.size() == 1);
    run["name"] = names[i];
    json["runs"].push_back(std::move(run));
  }
  return script_escaped(json.dump(-1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace echo
