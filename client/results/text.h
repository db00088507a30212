#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace echo {

// Values as people read them.

// As wide as a text report may be.
inline constexpr std::size_t kReportColumns = 78;

// "87.2us", "1.35ms", "2.01s": three digits and a unit.
std::string short_text(std::chrono::nanoseconds duration);

// "9.3 s", "59 s", "4 min 5 s", "35 h 59 min", "12 d 4 h": two units at most.
std::string span_text(std::chrono::nanoseconds duration);

// " (up to 43.0ms)", and nothing of no time.
std::string up_to(std::chrono::nanoseconds longest);

// "1,234,567".
std::string grouped(std::uint64_t number);

// "1,234.5" with that many decimals.
std::string grouped(double number, int decimals);

// "0.5", "1,000", "1,234.5": as many digits as it has.
std::string number_text(double number);

// "0.15", "998", "12.3k", "4.56M": three digits and a factor.
std::string short_number(double number);

// The same of a count, which has no decimals: "7", "12.3k".
std::string short_count(std::uint64_t number);

// "1 message", "2,000 messages"; a plural that is not the singular and an s is given.
std::string counted(std::uint64_t number, const std::string& singular, std::string plural = {});

// "5.1 %", "0.0034 %", "99.98 %": two digits that matter, and never 0 % or 100 % of what is not.
std::string percent_text(double share);

// Adds a word to "one, two" that is neither empty nor there.
void add_word(std::string& list, const std::string& word);

// "1.28 MB/s (10.2 Mbit/s)", with decimal factors.
std::string throughput_text(double bytes_per_second);

}  // namespace echo
