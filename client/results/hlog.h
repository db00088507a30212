#pragma once

#include <chrono>
#include <functional>
#include <istream>
#include <ostream>
#include <string>
#include <string_view>

#include "client/results/histogram.h"

namespace echo::load {

// Histograms as rows of a log in the V2 compressed format, which HdrHistogram's readers in other
// languages read as well. A row without a tag is an interval's latency.
void write_hlog_header(std::ostream& file, std::chrono::system_clock::time_point start);
void write_hlog_row(std::ostream& file, std::string_view tag, std::chrono::nanoseconds start,
                    std::chrono::nanoseconds length, const Histogram& histogram);

// Calls `take` with the tag and the histogram of each row. Throws std::runtime_error, which names
// the line, for what is no such log or was written with another layout of buckets.
void read_hlog(std::istream& file,
               const std::function<void(const std::string& tag, const Histogram&)>& take);

}  // namespace echo::load
