#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <istream>
#include <optional>
#include <string>
#include <string_view>

#include "client/results/histogram.h"

namespace echo {

// Histograms as rows of a log in the V2 compressed format, which HdrHistogram's readers in other
// languages read as well. A row without a tag is an interval's latency.
std::string hlog_header(std::chrono::system_clock::time_point start, bool open_loop);
std::string hlog_row(std::string_view tag, std::chrono::nanoseconds start,
                     std::chrono::nanoseconds length, const Histogram& histogram);

struct HlogSummary {
  std::uint64_t rows = 0;
  std::optional<bool> open_loop;  // unknown in a log of another program
};

// Calls `take` with the tag and the histogram of each row. Throws std::runtime_error, which names
// the line, for anything that is not such a log or was written with another layout of buckets.
HlogSummary read_hlog(std::istream& file,
                      const std::function<void(const std::string& tag, const Histogram&)>& take);

}  // namespace echo
