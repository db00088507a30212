#include "client/idle/result.h"

#include <algorithm>

#include "common/exit_code.h"

namespace echo::idle {

bool TargetResult::is_measured() const {
  return std::ranges::any_of(findings, [](const Finding& one) { return one.verdict.has_value(); });
}

bool TargetResult::any_wrong_bytes() const {
  return std::ranges::any_of(
      findings, [](const Finding& one) { return one.verdict == Verdict::wrong_bytes; });
}

std::string TargetResult::common_failure() const {
  if (!error.empty() || findings.empty()) return error;
  const std::string& note = findings.front().note;
  const bool is_common = std::ranges::all_of(
      findings, [&note](const Finding& one) { return !one.verdict && one.note == note; });
  return is_common ? note : std::string();
}

std::optional<bool> TargetResult::survives(std::chrono::nanoseconds gap) const {
  const auto any = [this](const auto& matches) { return std::ranges::any_of(findings, matches); };
  if (any([gap](const Finding& one) { return one.gap == gap && one.verdict == Verdict::alive; })) {
    return true;
  }
  const auto has_died = [gap](const Finding& one) {
    return one.died() && one.deadly_silence() <= gap;
  };
  if (any(has_died)) return false;
  return std::nullopt;
}

bool Result::is_measured() const {
  return std::ranges::any_of(targets, &TargetResult::is_measured);
}

bool Result::has_unmeasured() const {
  return !std::ranges::all_of(targets, &TargetResult::is_measured);
}

bool Result::survives_required() const {
  return !options.require || std::ranges::all_of(targets, [this](const TargetResult& target) {
    return target.survives(*options.require) == true;
  });
}

int exit_status(const Result& result) {
  if (std::ranges::any_of(result.targets, &TargetResult::any_wrong_bytes)) return exit_corrupt;
  if (result.partial) return exit_interrupted;
  if (result.has_unmeasured()) return exit_failed;
  if (result.survives_required()) return exit_ok;
  const bool is_known = std::ranges::all_of(result.targets, [&](const TargetResult& target) {
    return target.survives(*result.options.require).has_value();
  });
  return is_known ? exit_objective_missed : exit_failed;
}

}  // namespace echo::idle
