#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace echo {

// How often something took how long, in buckets that Prometheus understands.
// Thread rule: any thread, without a lock; a snapshot's sum may lack what its counts have.
class LatencyHistogram {
 public:
  // The longest time of each bucket but the last, which takes the rest. From what a wake-up costs
  // to what a stopped process does, in steps that tell a p99 to within a factor of 2.5.
  static constexpr std::array<std::chrono::microseconds, 18> kBounds = [] {
    using std::chrono::microseconds;
    std::array<microseconds, 18> bounds{};
    microseconds decade(10);
    for (std::size_t i = 0; i < bounds.size(); i += 3, decade *= 10) {
      bounds[i] = decade;
      bounds[i + 1] = decade * 5 / 2;
      bounds[i + 2] = decade * 5;
    }
    return bounds;
  }();

  struct Snapshot {
    std::array<std::uint64_t, kBounds.size() + 1> counts{};  // by bucket, not cumulated
    std::chrono::nanoseconds sum{};

    std::uint64_t count() const;
  };

  void record(std::chrono::nanoseconds time);
  Snapshot snapshot() const;

 private:
  std::array<std::atomic<std::uint64_t>, kBounds.size() + 1> counts_{};
  std::atomic<std::int64_t> nanoseconds_{0};
};

}  // namespace echo
