#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace echo {

// What users write for durations, sizes and counts. Each parser takes the whole text or throws
// std::invalid_argument whose message quotes the text and says what would be right.

// "250us", "100ms", "1.5s", "2m" or "2min", "1h", "7d"; a bare number is seconds. At most 36500d,
// so that a deadline computed from it cannot overflow the steady clock.
std::chrono::nanoseconds parse_duration(std::string_view text);

// "512", "64k", "4M", "1G": bytes, k = 1024.
std::uint64_t parse_size(std::string_view text);

// "50", "10k", "1M": k = 1000.
std::uint64_t parse_count(std::string_view text);

// "50", "0.5", "1.5k", "1M", in anything per second: k = 1000. At most 1G.
double parse_rate(std::string_view text);

// A text that parse_duration reads back as the same duration, such as "5m" or "1500ms".
std::string duration_text(std::chrono::nanoseconds duration);

// A text that parse_size reads back as the same size, such as "64k".
std::string size_text(std::uint64_t size);

// The ASCII letters in lower case, whatever the locale.
std::string lower_case(std::string_view text);

}  // namespace echo
