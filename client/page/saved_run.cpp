#include "client/page/saved_run.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "client/page/saved_search.h"
#include "client/results/json_result.h"
#include "client/results/saved_values.h"

namespace echo {
namespace {

using SortedJson = nlohmann::json;

nanoseconds time_of(const SortedJson& json, const char* key, double factor) {
  constexpr double kLongest = 9e18;
  const SortedJson& value = json.at(key);
  if (value.is_null()) return nanoseconds(0);  // not measured
  const double ns = value.get<double>() * factor;
  if (!(ns >= 0 && ns < kLongest)) throw wrong_value(key);
  return nanoseconds(std::llround(ns));
}

// The name of a file may hold any byte, and a page is UTF-8.
std::string valid_text(const std::string& text) {
  return SortedJson::parse(
      SortedJson(text).dump(-1, ' ', false, SortedJson::error_handler_t::replace));
}

// Each begins where the one before it ended.
void read_intervals(SavedRun& run, const SortedJson& rows) {
  for (const SortedJson& row : rows) {
    Interval interval;
    const nanoseconds end = time_of(row, "at_s", 1e9);
    if (!run.result.intervals.empty()) {
      const Interval& last = run.result.intervals.back();
      interval.start = last.start + last.length;
    }
    if (end < interval.start) throw wrong_value("at_s");
    interval.length = end - interval.start;
    interval.echoed = count_of(row, "echoed");
    interval.errors = count_of(row, "errors");
    interval.unsent = count_of(row, "unsent");
    interval.connections = count_of(row, "connections");
    interval.p50 = time_of(row, "p50", 1e3);
    interval.p99 = time_of(row, "p99", 1e3);
    interval.max = time_of(row, "max", 1e3);
    if (row.contains("lateness") && !row.at("lateness").is_null()) {
      interval.lateness = time_of(row, "lateness", 1e3);
      run.has_lateness = true;
    }
    run.result.intervals.push_back(interval);
  }
}

void read_verdicts(Result& result, const SortedJson& rows) {
  for (const SortedJson& row : rows) {
    Verdict verdict;
    verdict.text = row.at("expr").get<std::string>();
    if (!row.at("value").is_null()) verdict.value = row.at("value").get<double>();
    verdict.unit = row.at("unit").get<std::string>();
    verdict.met = row.at("met").get<bool>();
    verdict.shown = row.at("reason").get<std::string>();
    verdict.target = row.value("target", "");
    result.verdicts.push_back(std::move(verdict));
  }
}

}  // namespace

SavedRun parse_saved_run(const std::string& name, std::string_view text) {
  if (text.find_first_not_of(" \t\r\n") == text.npos) throw std::runtime_error("is empty");
  SavedRun run{valid_text(name), parse_result(text), {}, false};
  const SortedJson json = SortedJson::parse(text, nullptr, false);
  try {
    run.warnings = json.at("warnings").get<std::vector<std::string>>();
    read_verdicts(run.result, json.at("slo"));
    read_intervals(run, json.at("intervals"));
    if (json.contains("find_rate")) run.result.found_rate = parse_found_rate(json.at("find_rate"));
  } catch (const SortedJson::exception& error) {
    throw std::runtime_error(fmt::format("is not a result of echoc load: {}", error.what()));
  }
  return run;
}

}  // namespace echo
