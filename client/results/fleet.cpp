#include "client/results/fleet.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "client/results/text.h"

namespace echo {
namespace {

using std::chrono::nanoseconds;
using std::chrono::system_clock;

// A run by itself has its own rate in its own time.
Together together(const Result& result) {
  if (result.together) return *result.together;
  return {result.started, result.open_loop() ? result.scheduled : result.duration,
          result.achieved_rate()};
}

}  // namespace

// While all of them run their rates add up. Over the time from the first start to the last end they
// would seem slower, the more so the further their starts are apart.
void add_side_by_side(Result& sum, const Result& next) {
  const Together ours = together(sum);
  const Together theirs = together(next);
  const auto end = [](const Together& one) {
    return one.from + std::chrono::duration_cast<system_clock::duration>(one.time);
  };
  const auto from = std::max(ours.from, theirs.from);
  const nanoseconds time = std::min(end(ours), end(theirs)) - from;
  sum.together = {from, std::max(time, nanoseconds::zero()),
                  ours.achieved_rate + theirs.achieved_rate};
  sum.asked_rate += next.asked_rate;
  sum.started = std::min(sum.started, next.started);
  sum.duration = std::max(sum.duration, next.duration);
  sum.scheduled = std::max(sum.scheduled, next.scheduled);
  for (const Share& share : next.shares) {
    if (std::ranges::count(sum.shares, share) == 0) sum.shares.push_back(share);
  }
  std::ranges::sort(sum.shares, {},
                    [](const Share& share) { return std::pair(share.part, share.parts); });
}

std::string start_warning(const Result& merged) {
  if (!merged.together || merged.times_only) return {};
  const Together& all = *merged.together;
  if (all.time == nanoseconds::zero()) {
    return "at no time did all of the runs measure: their rates are added all the same";
  }
  const nanoseconds apart = all.from - merged.started;
  if (apart <= merged.plan.interval) return {};
  return fmt::format(
      "the runs began up to {} apart: the rate is that of the {} in which all of "
      "them measured",
      short_text(apart), short_text(all.time));
}

}  // namespace echo
