#include "client/page/page_search.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "client/page/page_facts.h"
#include "client/page/page_values.h"
#include "client/page/side_by_side.h"
#include "client/results/find_rate_report.h"
#include "client/results/objective.h"
#include "client/results/text.h"
#include "common/units.h"

namespace echo {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kLongestValues = 400;

std::string list_text(const std::vector<std::string>& parts) {
  return parts.empty() ? "-"
                       : shown_text(fmt::format("{}", fmt::join(parts, ", ")), kLongestValues);
}

Facts search_facts(const FoundRate& found) {
  Facts facts{{"Objective", list_text(found.objectives)}, {"Found", found_text(found)}};
  facts.emplace_back("Next failed",
                     found.next_failed ? number_text(*found.next_failed) + " messages/s" : "none");
  facts.emplace_back("Limit",
                     found.complete ? limit_text(found) : "the search did not come to its end");
  const std::string to = found.to > 0 ? " to " + number_text(found.to) : "";
  facts.emplace_back("Searched",
                     fmt::format("from {}{} messages/s, to within {}", number_text(found.from), to,
                                 percent_text(found.precision)));
  return facts;
}

// The run that the rate found is of.
bool is_winner(const RateTrial& trial, const FoundRate& found) {
  return found.confirmed && trial.confirming && trial.verdict == TrialVerdict::met &&
         trial.achieved == found.rate;
}

Json trial_row(const RateTrial& trial, const FoundRate& found) {
  return {{"rate", number_text(trial.asked)},
          {"achieved", grouped(trial.achieved, 1)},
          {"duration", duration_text(trial.duration)},
          {"confirming", trial.confirming},
          {"verdict", name(trial.verdict)},
          {"found", is_winner(trial, found)},
          {"values", list_text(trial.values)}};
}

// The first objective on a time, and its place among all.
struct ShownObjective {
  Objective objective;
  std::size_t index = 0;

  std::string metric() const {
    return objective.text.substr(0, objective.text.find_first_of("<>"));
  }
};

std::optional<ShownObjective> shown_objective(const std::vector<std::string>& texts) {
  for (std::size_t i = 0; i < texts.size(); ++i) {
    try {
      const Objective objective = Objective::parse(texts[i]);
      if (objective.is_time()) return ShownObjective{objective, i};
    } catch (const std::invalid_argument&) {
      return std::nullopt;  // of a version with other objectives
    }
  }
  return std::nullopt;
}

// In microseconds. A result has it only as its report does, "p99 0.153 ms"; nothing where that says
// why there is none, "p99 5.1 % had no answer".
std::optional<double> objective_time(const ShownObjective& shown, const RateTrial& trial) {
  if (shown.index >= trial.values.size()) return std::nullopt;
  std::string_view text = trial.values[shown.index];
  const std::string begin = shown.metric() + " ";
  const std::string end = " " + shown.objective.time_unit;
  if (!text.starts_with(begin) || !text.ends_with(end)) return std::nullopt;
  text.remove_prefix(begin.size());
  text.remove_suffix(std::min(text.size(), end.size()));
  double value = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || rest != text.data() + text.size() || !(value >= 0)) {
    return std::nullopt;
  }
  return value * shown.objective.time_factor;
}

// Each point: rate, microseconds or null, verdict, whether it is the one found.
Json chart_of(const FoundRate& found, std::span<const RateTrial> trials) {
  const auto shown = shown_objective(found.objectives);
  if (!shown) return nullptr;
  Json points = Json::array();
  for (const RateTrial& trial : trials) {
    const auto time = objective_time(*shown, trial);
    points.push_back({trial.asked, time ? Json(rounded(*time)) : Json(), name(trial.verdict),
                      is_winner(trial, found)});
  }
  const auto is_other = [&](const Json& point) { return point[0] != points[0][0]; };
  if (std::ranges::none_of(points, is_other)) return nullptr;
  return {{"metric", shown_text(shown->metric())},
          {"limit", rounded(shown->objective.limit)},
          {"points", std::move(points)}};
}

}  // namespace

Json page_search(const FoundRate& found, std::size_t most) {
  const std::size_t left_out = found.trials.size() - std::min(found.trials.size(), most);
  const auto trials = std::span(found.trials).subspan(left_out);
  Json rows = Json::array();
  for (const RateTrial& trial : trials) rows.push_back(trial_row(trial, found));
  return {{"facts", search_facts(found)},
          {"left_out", left_out},
          {"trials", std::move(rows)},
          {"chart", chart_of(found, trials)}};
}

}  // namespace echo
