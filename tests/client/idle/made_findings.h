#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "client/idle/result.h"

namespace echo::testing {

using namespace std::chrono_literals;
using idle::Finding;
using idle::Verdict;

// A gap whose message left in time; the verdict came `later`.
inline Finding spoke(std::chrono::nanoseconds gap, Verdict verdict,
                     std::chrono::nanoseconds later = 1ms) {
  Finding finding;
  finding.gap = gap;
  finding.verdict = verdict;
  finding.silence = gap;
  finding.after = gap + later;
  finding.segments = 0;
  return finding;
}

// A connection that ended by itself.
inline Finding ended(std::chrono::nanoseconds gap, Verdict verdict,
                     std::chrono::nanoseconds after) {
  Finding finding;
  finding.gap = gap;
  finding.verdict = verdict;
  finding.silence = finding.after = after;
  return finding;
}

inline Finding without_verdict(std::chrono::nanoseconds gap, std::string note) {
  Finding finding;
  finding.gap = gap;
  finding.note = std::move(note);
  return finding;
}

inline idle::Result made_result(std::vector<Finding> findings) {
  idle::Result result;
  result.options.seed = 42;
  result.started = std::chrono::system_clock::time_point(1'600'000'000'500ms);
  result.targets.push_back({"192.0.2.1:7007", {}, std::move(findings)});
  return result;
}

}  // namespace echo::testing
