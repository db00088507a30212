#pragma once

#include <chrono>

#include <nlohmann/json_fwd.hpp>

#include "client/page/curve.h"

namespace echo {

// Values as the page's script takes them. Pure, any thread.

double rounded(double value);                                      // to three decimals
nlohmann::ordered_json time_json(std::chrono::nanoseconds value);  // in microseconds

// [[percentile, microseconds], …]
nlohmann::ordered_json curve_json(const Histogram& times, const Percentiles& percentiles,
                                  CurveDetail detail);

}  // namespace echo
