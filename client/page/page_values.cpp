#include "client/page/page_values.h"

#include <cmath>

#include <nlohmann/json.hpp>

#include "client/results/durations.h"

namespace echo {

using Json = nlohmann::ordered_json;

double rounded(double value) {
  return std::round(value * 1e3) / 1e3;
}

Json time_json(std::chrono::nanoseconds value) {
  return rounded(microseconds(value));
}

Json curve_json(const Histogram& times, const Percentiles& percentiles, CurveDetail detail) {
  Json json = Json::array();
  for (const CurvePoint& point : curve_of(times, percentiles, detail)) {
    json.push_back({point.percentile, time_json(point.value)});
  }
  return json;
}

}  // namespace echo
