#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

namespace echo::idle {

// Narrows the threshold between a silence that survives and one that does not, with several gaps
// per step: all of a step are tried at once, so that k gaps cut the bracket by k + 1 in the time of
// one. It knows no clock and no connection: its owner tries the gaps of next() and reports what
// became of them. Thread rule: one thread.
class Search {
 public:
  using Time = std::chrono::nanoseconds;

  static constexpr std::size_t kAtOnce = 8;  // gaps per step, beside the ends of the range

  struct Range {
    Time from;
    Time to;
    Time precision;
  };

  // `extra` is one more gap of the first step. REQUIRES: 0 < from < to, 0 < precision.
  Search(Range range, std::optional<Time> extra);

  // The gaps of the next step, in their order. None if the bracket is narrow enough, if there is no
  // bracket, if nothing is known of any gap of the step before, or if steps keep teaching nothing
  // because everything ends later than it should.
  std::vector<Time> next();

  void survived(Time gap);
  // `while_silent`: the connection ended by itself, and most likely the threshold is that silence.
  void died(Time silence, bool while_silent);

  // Whether the outcome of this gap can still narrow the bracket.
  bool is_needed(Time gap) const { return !dead_ || gap < *dead_; }

  std::size_t steps() const { return steps_; }

 private:
  std::vector<Time> first_step() const;
  std::vector<Time> narrow() const;

  const Range range_;
  const std::optional<Time> extra_;
  std::size_t steps_ = 0;
  bool has_outcome_ = true;    // something is known of the last step
  bool has_learnt_ = true;     // and it has narrowed the bracket
  std::size_t fruitless_ = 0;  // steps in a row that have not
  std::optional<Time> alive_;  // the longest that survived
  std::optional<Time> dead_;   // the shortest that did not
  bool ended_by_itself_ = false;
};

}  // namespace echo::idle
