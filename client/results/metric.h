#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace echo {

// Which histogram of a result.
enum class Metric { latency, service_time, connect, send_lateness };

inline constexpr std::array<Metric, 4> kMetrics{Metric::latency, Metric::service_time,
                                                Metric::connect, Metric::send_lateness};

// The name in objectives, tables, JSON keys and tags of .hlog rows.
constexpr std::string_view name(Metric metric) {
  constexpr std::array<std::string_view, kMetrics.size()> kNames{"latency", "service_time",
                                                                 "connect", "send_lateness"};
  return kNames[static_cast<std::size_t>(metric)];
}

}  // namespace echo
