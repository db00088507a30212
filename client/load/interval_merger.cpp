#include "client/load/interval_merger.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace echo::load {

void IntervalMerger::add(std::size_t generator, const GeneratorInterval& interval) {
  MergedInterval merged;
  merged.first = interval.first;
  merged.last = interval.last;
  merged.latency.add(interval.latency);
  merged.errors = interval.errors;
  merged.unsent = interval.unsent;
  merged.failed_connections = interval.failed_connections;
  merged.retransmissions = interval.retransmissions;
  merged.lateness = interval.lateness;
  while (true) {
    const auto same = std::ranges::find_if(open_, [&](const auto& entry) {
      return entry.second.first <= merged.last && merged.first <= entry.second.last;
    });
    if (same == open_.end()) break;
    MergedInterval& other = same->second;
    merged.first = std::min(merged.first, other.first);
    merged.last = std::max(merged.last, other.last);
    merged.latency.add(other.latency);
    merged.errors += other.errors;
    merged.unsent += other.unsent;
    merged.failed_connections += other.failed_connections;
    merged.retransmissions += other.retransmissions;
    merged.lateness = std::max(merged.lateness, other.lateness);
    open_.erase(same);
  }
  open_[merged.first] = std::move(merged);

  Generator& teller = generators_[generator];
  teller.told = interval.last + 1;
  teller.connections = interval.connections;
  if (!interval.is_final) return;
  end_ = std::max(end_, interval.end);
  close(generator);
}

void IntervalMerger::close(std::size_t generator) {
  generators_[generator].has_ended = true;
}

std::optional<MergedInterval> IntervalMerger::take() {
  std::uint64_t told = std::numeric_limits<std::uint64_t>::max();
  bool all_ended = true;
  for (const Generator& one : generators_) {
    if (!one.has_ended) told = std::min(told, one.told);
    all_ended = all_ended && one.has_ended;
  }
  MergedInterval merged;
  merged.first = merged.last = next_;
  if (!open_.empty() && open_.begin()->first == next_) {
    if (told <= open_.begin()->second.last) return std::nullopt;
    merged = std::move(open_.extract(open_.begin()).mapped());
  } else if (told <= next_ || (all_ended && open_.empty())) {
    return std::nullopt;
  }
  next_ = merged.last + 1;
  for (const Generator& one : generators_) merged.connections += one.connections;
  merged.is_final = all_ended && open_.empty();
  merged.end = end_;
  return merged;
}

}  // namespace echo::load
