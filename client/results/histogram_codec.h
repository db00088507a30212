#pragma once

#include <string>
#include <string_view>

#include "client/results/histogram.h"

namespace echo {

// A histogram as text: base64 of HdrHistogram's V2 compressed format, values in nanoseconds, which
// HdrHistogram's readers in other languages read as well. Only the counts are kept.
std::string encode_histogram(const Histogram& histogram);

// Throws std::runtime_error for what is not such a text, is damaged, has other buckets or counts
// more than fit.
Histogram decode_histogram(std::string_view text);

}  // namespace echo
