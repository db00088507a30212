#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "client/load/generator_interval.h"

namespace echo::load {

// What all generators measured in the same interval.
struct MergedInterval {
  std::uint64_t first = 0;
  std::uint64_t last = 0;  // the same, unless a generator told of several at a time
  Histogram latency;
  std::uint64_t errors = 0;
  std::uint64_t unsent = 0;
  std::uint64_t failed_connections = 0;
  std::uint64_t connections = 0;
  std::uint64_t retransmissions = 0;
  std::chrono::nanoseconds lateness{0};  // of the generator that was latest
  bool is_final = false;
  std::chrono::nanoseconds end{0};  // of the final one, since the measuring began
};

// Puts together what the generators measured. Where they tell of several intervals at a time,
// all of these become one. Thread rule: one thread.
class IntervalMerger {
 public:
  // The generators are numbered from 0.
  explicit IntervalMerger(std::size_t generators) : generators_(generators) {}

  void add(std::size_t generator, const GeneratorInterval& interval);

  // The generator has ended; only needed if its final interval can be missing.
  void close(std::size_t generator);

  // The next one of which every generator has told, oldest first. One in which no generator had
  // anything to tell is empty.
  std::optional<MergedInterval> take();

 private:
  struct Generator {
    std::uint64_t told = 0;  // all intervals below this number
    std::uint64_t connections = 0;
    bool has_ended = false;
  };

  std::vector<Generator> generators_;
  std::map<std::uint64_t, MergedInterval> open_;  // by first
  std::uint64_t next_ = 0;                        // number of the next one to be taken
  std::chrono::nanoseconds end_{0};
};

}  // namespace echo::load
