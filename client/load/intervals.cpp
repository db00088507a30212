#include "client/load/intervals.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace echo::load {

void Intervals::add(std::size_t generator, const IntervalPart& part) {
  Whole& whole = open_[part.number];
  whole.number = part.number;
  whole.latency.add(part.latency);
  whole.errors += part.errors;
  whole.connections += part.connections;
  published_[generator] = part.number + 1;
}

void Intervals::close(std::size_t generator) {
  published_[generator] = std::numeric_limits<std::uint64_t>::max();
}

std::optional<Intervals::Whole> Intervals::take() {
  if (open_.empty() || std::ranges::min(published_) <= open_.begin()->first) return std::nullopt;
  return std::move(open_.extract(open_.begin()).mapped());
}

}  // namespace echo::load
