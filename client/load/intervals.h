#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "client/load/recorder.h"
#include "client/results/result.h"

namespace echo::load {

// Puts together what all generators measured in the same interval. Thread rule: one thread.
class Intervals {
 public:
  // The generators are numbered from 0.
  explicit Intervals(std::size_t generators) : published_(generators, 0) {}

  struct Whole {
    std::uint64_t number = 0;
    Histogram latency;
    std::uint64_t errors = 0;
    std::uint64_t connections = 0;
  };

  void add(std::size_t generator, const IntervalPart& part);
  // The generator will publish no more.
  void close(std::size_t generator);

  // The next interval of which every generator has told, oldest first.
  std::optional<Whole> take();

 private:
  std::map<std::uint64_t, Whole> open_;
  std::vector<std::uint64_t> published_;  // parts of each generator so far
};

}  // namespace echo::load
