#include "client/idle/finding.h"

#include <algorithm>

namespace echo::idle {
namespace {

// A message that leaves this late is on time.
constexpr std::chrono::milliseconds kPunctual{10};

}  // namespace

std::string_view name(Verdict verdict) {
  switch (verdict) {
    case Verdict::alive:
      return "alive";
    case Verdict::closed:
      return "closed";
    case Verdict::reset:
      return "reset";
    case Verdict::reset_on_speaking:
      return "reset_on_speaking";
    case Verdict::no_answer:
      return "no_answer";
    case Verdict::wrong_bytes:
      break;
  }
  return "wrong_bytes";
}

std::chrono::nanoseconds Finding::deadly_silence() const {
  return silence >= gap && silence <= gap + kPunctual ? gap : silence;
}

Bounds bounds_of(std::span<const Finding> findings) {
  Bounds bounds;
  for (const Finding& finding : findings) {
    if (!finding.died()) continue;
    const auto silence = finding.deadly_silence();
    if (bounds.dead && *bounds.dead <= silence) continue;
    bounds.dead = silence;
    bounds.killer = &finding;
  }
  for (const Finding& finding : findings) {
    if (finding.verdict != Verdict::alive) continue;
    auto& side = bounds.dead && finding.gap >= *bounds.dead ? bounds.alive_above : bounds.alive;
    side = std::max(side.value_or(finding.gap), finding.gap);
  }
  return bounds;
}

}  // namespace echo::idle
