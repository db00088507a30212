#pragma once

#include <optional>

#include "client/results/found_rate.h"

namespace echo::load {

// Which rate to try next, given what became of the last one: doubles the rate until one fails,
// bisects down to the precision, and has the winner confirmed by a long run. Once a long run has
// failed, only long runs count: it goes down in growing steps until one is met, and bisects what is
// left. Pure: it knows no clock and no server. Rates are messages per second.
//
// A trial that missed must miss again, and so must one long run, unless the server was clearly
// overloaded, because a single stall must not decide. A trial that says nothing is repeated, and
// fails after that.
class RateSearch {
 public:
  struct Range {
    double from;
    double to;
    double precision;  // a share of the rate
  };
  enum class Kind { trial, confirmation, over };
  struct Step {
    Kind kind = Kind::trial;
    double rate = 0;
  };
  struct Outcome {
    TrialVerdict verdict = TrialVerdict::unknown;
    double achieved = 0;
    LimitedBy limited_by = LimitedBy::server;
  };

  static constexpr int kMostUnknown = 3;
  static constexpr int kMostConfirmations = 7;

  // REQUIRES: 0 < from <= to, 0 < precision < 1.
  explicit RateSearch(Range range);

  // The same until take() is told what became of it.
  const Step& next() const { return step_; }
  void take(const Outcome& outcome);

  // What was achieved at the highest rate that met its objectives: in a long run, if there was one.
  // Never more than the rate asked for. Nothing once the long runs have failed.
  double rate() const { return best_achieved_; }
  bool is_confirmed() const { return confirmed_; }
  std::optional<double> next_failed() const { return failed_; }
  // What made the lowest failing rate fail; the rate if none has.
  LimitedBy limited_by() const { return failed_ ? failed_by_ : LimitedBy::rate; }

 private:
  void met(const Outcome& outcome);
  bool is_repeated(const Outcome& outcome);
  bool may_repeat_long_run();
  void failed(const Outcome& outcome);
  void bisect(Kind kind);
  void confirm_below(double achieved);
  void go_to(Kind kind, double rate);
  double rounded(double rate, double (*how)(double)) const;

  const Range range_;
  Step step_;
  double best_asked_ = 0;
  double best_achieved_ = 0;
  std::optional<double> failed_;
  LimitedBy failed_by_ = LimitedBy::server;
  bool confirmed_ = false;
  int unknown_ = 0;  // at this rate
  int missed_ = 0;   // at this rate
  int confirmations_ = 0;
  bool has_repeated_ = false;  // a long run that missed
  double step_down_ = 0;       // a share of the rate
};

}  // namespace echo::load
