#include "client/load/rate_search.h"

#include <algorithm>
#include <cmath>

namespace echo::load {
namespace {

// Below this share of the rate a stall is no explanation.
constexpr double kClearlyLess = 0.9;

constexpr int kMostMissed = 2;
constexpr double kLargestStep = 0.5;

}  // namespace

RateSearch::RateSearch(Range range)
    : range_(range), step_{Kind::trial, range.from}, step_down_(range.precision) {}

void RateSearch::take(const Outcome& outcome) {
  if (step_.kind == Kind::over) return;
  if (outcome.verdict == TrialVerdict::met) {
    met(outcome);
  } else if (!is_repeated(outcome)) {
    failed(outcome);
  }
}

void RateSearch::met(const Outcome& outcome) {
  best_asked_ = step_.rate;
  best_achieved_ = std::min(step_.rate, outcome.achieved);
  if (step_.kind == Kind::confirmation) {
    confirmed_ = true;
    bisect(Kind::confirmation);
  } else if (failed_) {
    bisect(Kind::trial);
  } else if (step_.rate >= range_.to) {
    go_to(Kind::confirmation, step_.rate);
  } else {
    go_to(Kind::trial, std::min(2 * step_.rate, range_.to));
  }
}

bool RateSearch::is_repeated(const Outcome& outcome) {
  if (outcome.verdict == TrialVerdict::unknown) return ++unknown_ < kMostUnknown;
  if (outcome.achieved < kClearlyLess * step_.rate) return false;
  if (step_.kind == Kind::confirmation) return may_repeat_long_run();
  return ++missed_ < kMostMissed;
}

// Long runs are dear, so this is for the first that misses: most often that of the winner. Unless
// one has met its objectives, the last is kept for the lowest rate.
bool RateSearch::may_repeat_long_run() {
  const int kept = confirmed_ ? 0 : 1;
  if (has_repeated_ || confirmations_ + kept >= kMostConfirmations) return false;
  ++confirmations_;
  has_repeated_ = true;
  return true;
}

void RateSearch::failed(const Outcome& outcome) {
  failed_ = step_.rate;
  const bool says_nothing = outcome.verdict == TrialVerdict::unknown;
  failed_by_ = says_nothing ? LimitedBy::generator : outcome.limited_by;
  if (step_.kind == Kind::confirmation && !confirmed_) {
    best_asked_ = best_achieved_ = 0;  // a short trial met what a long one does not
    confirm_below(outcome.achieved);
  } else if (best_asked_ == 0) {
    go_to(Kind::over, 0);
  } else {
    bisect(step_.kind);
  }
}

// Between the best and the one that failed, until these are close enough.
void RateSearch::bisect(Kind kind) {
  const Kind then = kind == Kind::trial ? Kind::confirmation : Kind::over;
  if (!failed_ || *failed_ <= best_asked_ * (1 + range_.precision)) {
    return go_to(then, best_asked_);
  }
  const double middle = rounded((best_asked_ + *failed_) / 2, std::round);
  if (middle <= best_asked_ || middle >= *failed_) return go_to(then, best_asked_);
  go_to(kind, middle);
}

// A server that fell behind has shown what it can do; else the steps grow. The last long run is of
// the lowest rate, so that nothing is called too fast that was not tried.
void RateSearch::confirm_below(double achieved) {
  if (step_.rate <= range_.from) return go_to(Kind::over, 0);
  if (confirmations_ + 1 >= kMostConfirmations) return go_to(Kind::confirmation, range_.from);
  const double below = std::min(step_.rate * (1 - step_down_), achieved);
  step_down_ = std::min(2 * step_down_, kLargestStep);
  go_to(Kind::confirmation, std::max(range_.from, rounded(below, std::floor)));
}

void RateSearch::go_to(Kind kind, double rate) {
  if (kind == Kind::confirmation && ++confirmations_ > kMostConfirmations) kind = Kind::over;
  step_ = {kind, rate};
  unknown_ = missed_ = 0;
}

// To a power of ten that is small beside the precision, for rates that read well. A number of
// decimals divides exactly where a small unit would not.
double RateSearch::rounded(double rate, double (*how)(double)) const {
  const double base = best_asked_ > 0 ? best_asked_ : step_.rate;
  const double power = std::floor(std::log10(base * range_.precision / 4));
  if (power >= 0) return how(rate / std::pow(10, power)) * std::pow(10, power);
  return how(rate * std::pow(10, -power)) / std::pow(10, -power);
}

}  // namespace echo::load
