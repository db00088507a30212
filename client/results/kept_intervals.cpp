#include "client/results/kept_intervals.h"

#include "client/results/hlog.h"

namespace echo {

void KeptIntervals::add(const Interval& interval, const Histogram& latency) {
  intervals_.push_back(interval);
  hlog_rows_.push_back(with_hlog_ ? hlog_row("", interval.start, interval.length, latency) : "");
}

void KeptIntervals::write(Outputs& outputs) const {
  outputs.write_headers(start_, is_open_);
  for (std::size_t i = 0; i < intervals_.size(); ++i) outputs.add(intervals_[i], hlog_rows_[i]);
}

}  // namespace echo
