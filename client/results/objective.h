#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "client/results/histogram.h"

namespace echo::load {

struct Result;

// Which histogram of a result.
enum class Times { latency, service_time, connect, send_lateness };

// A gate of --slo, such as "p99<5ms", "connect.p99<50ms", "errors<0.1%" or "rate>0.98".
struct Objective {
  enum class Kind { percentile, min, mean, max, errors, error_share, rate, rate_share };

  // Throws std::invalid_argument whose message quotes the text and shows the grammar.
  static Objective parse(std::string_view text);

  std::string text;
  Kind kind = Kind::percentile;
  Times times = Times::latency;
  double percentage = 0;   // of a percentile
  std::string comparison;  // "<", "<=", ">", ">="
  double limit = 0;        // microseconds, percent, a number or a share
};

struct Verdict {
  std::string text;
  double value = 0;  // in the unit of the limit
  bool met = false;
};

Verdict judge(const Objective& objective, const Result& result);

}  // namespace echo::load
