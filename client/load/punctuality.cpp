#include "client/load/punctuality.h"

#include <algorithm>

namespace echo::load {
namespace {

using namespace std::chrono_literals;

// A wait that ends sooner has not slept: what it tells of was there before. Going to sleep and
// waking up takes longer.
constexpr std::chrono::nanoseconds kInstant = 2us;

}  // namespace

void Punctuality::waits(SteadyTime now, SteadyTime deadline) {
  const bool is_first = woken_at_ == SteadyTime();
  const std::chrono::nanoseconds turn = is_first ? 0ns : now - woken_at_;
  if (!is_first) count_pause(woken_at_, now);
  if (turn > kPause) pause_ = {woken_at_, now};
  // Until all is told that came meanwhile, there are answers that a longer one holds up.
  if (told_all_ || turn > stop_.length()) stop_ = pause_;
  waiting_since_ = now;
  deadline_ = deadline;
}

void Punctuality::woke(SteadyTime now, bool told_all) {
  const SteadyTime should_have_woken = std::max(deadline_, waiting_since_);
  const std::chrono::nanoseconds late = now - should_have_woken;
  count_pause(should_have_woken, now);
  if (now - waiting_since_ <= kInstant) {
    if (told_all_) earliest_ = woken_at_;  // else an event may be as old as in the turn before
    latest_ = waiting_since_ == pause_.ended ? earliest_ : waiting_since_;
  } else {
    earliest_ = late > kPause ? waiting_since_ : std::min(now, should_have_woken);
    latest_ = earliest_;
  }
  // What was ready may have been looked at long before `now`: the process can be stopped in
  // between.
  if (told_all) told_until_ = waiting_since_;
  if (!told_all && late > kPause && now - waiting_since_ > stop_.length()) {
    stop_ = {waiting_since_, now};
  }
  told_all_ = told_all;
  woken_at_ = now;
}

void Punctuality::count_pauses_from(SteadyTime time) {
  count_from_ = time;
  longest_pause_ = std::min(longest_pause_, std::max(woken_at_ - time, 0ns));
}

void Punctuality::count_pause(SteadyTime begin, SteadyTime end) {
  longest_pause_ = std::max(longest_pause_, end - std::max(begin, count_from_));
}

std::chrono::nanoseconds Punctuality::Pause::within(SteadyTime from, SteadyTime to) const {
  return std::max(std::min(ended, to) - std::max(began, from), 0ns);
}

std::chrono::nanoseconds Punctuality::answer_time(SteadyTime begun) const {
  // Within a short turn it can have come at any time: in the middle, on average.
  const SteadyTime earliest = std::max(earliest_, begun);
  const SteadyTime came = earliest + std::max(latest_ - earliest, 0ns) / 2;
  std::chrono::nanoseconds time = came - begun - stop_.within(begun, came);
  if (pause_.began != stop_.began) time -= pause_.within(begun, came);
  return time;
}

}  // namespace echo::load
