#include "client/results/find_rate_report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "client/results/durations.h"
#include "client/results/text.h"
#include "common/units.h"

namespace echo {
namespace {

using Json = nlohmann::ordered_json;

// Puts the pieces behind the head, in lines that are not too long.
std::string with_pieces(std::string text, const std::vector<std::string>& pieces) {
  const std::string indent(text.size(), ' ');
  std::size_t line = 0;  // where it begins
  for (const std::string& piece : pieces) {
    const bool is_first = &piece == &pieces.front();
    if (!is_first && text.size() - line + 2 + piece.size() >= kReportColumns) {
      text += ",\n";
      line = text.size();
      text += indent;
    } else if (!is_first) {
      text += ", ";
    }
    text += piece;
  }
  return text + "\n";
}

std::string trial_row(const RateTrial& trial) {
  return with_pieces(
      fmt::format("{:>12}{:>14}{:>8}  {:<9}", number_text(trial.asked), grouped(trial.achieved, 1),
                  duration_text(trial.duration), name(trial.verdict)),
      trial.values);
}

}  // namespace

std::string found_text(const FoundRate& found) {
  if (found.rate == 0) {
    return found.complete ? fmt::format("no rate from {}/s on", number_text(found.from))
                          : "nothing that a long run confirmed before the search ended";
  }
  std::string text = grouped(found.rate, 1) + " messages/s";
  if (!found.confirmed) text += " so far, not confirmed by a long run";
  if (found.required > 0) {
    const char* const relation = found.rate >= found.required ? "at least"
                                 : found.satisfies()          ? "which keeps"
                                                              : "less than";
    text += fmt::format(", {} the {} required", relation, number_text(found.required));
  }
  return text;
}

std::string limit_text(const FoundRate& found) {
  switch (found.limited_by) {
    case LimitedBy::rate:
      return "the highest rate to try; --to raises it";
    case LimitedBy::generator:
      return "echoc itself, which was late: --threads, --spin or a quieter machine";
    case LimitedBy::connections:
      return "too few connections: --connections or --pipeline raises it";
    default:
      return "the server and the way to it";
  }
}

std::string find_rate_report(const FoundRate& found) {
  std::string text = with_pieces(fmt::format("{:<13}", "objective"), found.objectives);
  if (found.closed_loop) {
    text += fmt::format("{:<13}{} messages/s, so up to {} are tried\n", "closed loop",
                        grouped(*found.closed_loop, 1), number_text(found.to));
  }
  text += fmt::format("{:>12}{:>14}{:>8}\n", "asked/s", "achieved/s", "for");
  for (const RateTrial& trial : found.trials) text += trial_row(trial);
  text += fmt::format("{:<13}{}\n", "found", found_text(found));
  if (found.next_failed) {
    text += fmt::format("{:<13}{} messages/s\n", "next failed", number_text(*found.next_failed));
  }
  if (found.complete) text += fmt::format("{:<13}{}\n", "limit", limit_text(found));
  return text + "\n";
}

std::string trial_line(const RateTrial& trial) {
  return fmt::format("{}/s for {}: {}, {}", number_text(trial.asked), duration_text(trial.duration),
                     name(trial.verdict), fmt::join(trial.values, ", "));
}

Json find_rate_json(const FoundRate& found) {
  Json trials = Json::array();
  for (const RateTrial& trial : found.trials) {
    trials.push_back({{"rate", trial.asked},
                      {"achieved", trial.achieved},
                      {"duration_s", seconds(trial.duration)},
                      {"confirming", trial.confirming},
                      {"verdict", name(trial.verdict)},
                      {"values", trial.values}});
  }
  return {{"objectives", found.objectives},
          {"from", found.from},
          {"to", found.to},
          {"precision", found.precision},
          {"required", found.required},
          {"rate", found.rate},
          {"confirmed", found.confirmed},
          {"complete", found.complete},
          {"next_failed", found.next_failed ? Json(*found.next_failed) : Json()},
          {"limited_by", name(found.limited_by)},
          {"trials", std::move(trials)}};
}

}  // namespace echo
