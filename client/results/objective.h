#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "client/results/metric.h"

namespace echo {

// A gate of --slo, such as "p99<5ms", "connect.p99<50ms", "errors<0.1%" or "rate>0.98".
struct Objective {
  enum class Kind { percentile, min, mean, max, errors, error_share, rate, rate_share };

  // Blanks do not matter. Throws std::invalid_argument whose message quotes the text and shows the
  // grammar.
  static Objective parse(std::string_view text);

  bool is_time() const { return kind <= Kind::max; }
  // Of times that there are only in an open loop.
  bool needs_due_times() const { return is_time() && metric == Metric::send_lateness; }
  bool is_errors() const { return kind == Kind::errors || kind == Kind::error_share; }
  // "us", "count", "%", "1/s" or "ratio".
  std::string_view unit() const;
  bool holds(double value) const;

  std::string text;  // without blanks
  Kind kind = Kind::percentile;
  Metric metric = Metric::latency;
  double percentage = 0;   // of a percentile
  std::string comparison;  // "<", "<=", ">", ">="
  double limit = 0;        // in unit()
  std::string time_unit;   // of a time, as it was written: "ms"
  double time_factor = 1;  // microseconds in it
};

// What came of an objective.
struct Verdict {
  std::string text;
  std::optional<double> value;  // nothing: not measured, or among what failed
  std::string unit;             // of the value, as Objective::unit()
  bool met = false;
  std::string shown;        // the value or why there is none: "0.153 ms", "5.1 % had no answer"
  std::string target = {};  // which of several

  // "p99<5ms: met, 0.153 ms"; of several targets "TARGET p99<5ms: met, 0.153 ms".
  std::string line() const;
};

}  // namespace echo
