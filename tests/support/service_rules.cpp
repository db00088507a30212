#include "tests/support/service_rules.h"

#include <algorithm>

namespace echo::testing {
namespace {

using std::chrono::nanoseconds;

constexpr double kMostUsed = 0.99;

nanoseconds times(double factor, nanoseconds time) {
  return nanoseconds(static_cast<nanoseconds::rep>(factor * static_cast<double>(time.count())));
}

}  // namespace

TokenBucket::TokenBucket(double rate, double burst)
    : token_(times(1 / rate, std::chrono::seconds(1))), saved_(times(burst - 1, token_)) {}

ServiceRule::Time TokenBucket::answer_at(Time now) {
  next_ = std::max(next_, now - saved_);
  const Time answer = std::max(now, next_);
  next_ += token_;
  return answer;
}

LoadedLatency::LoadedLatency(nanoseconds base, double capacity, nanoseconds window)
    : base_(base), capacity_(capacity), window_(window) {}

ServiceRule::Time LoadedLatency::answer_at(Time now) {
  came_.push_back(now);
  while (came_.front() <= now - window_) came_.pop_front();
  const double offered =
      static_cast<double>(came_.size()) / std::chrono::duration<double>(window_).count();
  const double used = std::min(offered / capacity_, kMostUsed);
  last_ = std::max(last_, now + times(1 / (1 - used), base_));
  return last_;
}

}  // namespace echo::testing
