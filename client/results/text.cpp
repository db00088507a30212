#include "client/results/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "client/results/durations.h"

namespace echo {
namespace {

// Three digits: a value that rounds to a fourth has one decimal less.
std::string three_digits(double value) {
  const int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return fmt::format("{:.{}f}", value, decimals);
}

std::string scaled(double value, const char* unit) {
  constexpr std::array<const char*, 5> kFactors{"", "k", "M", "G", "T"};
  std::size_t factor = 0;
  while (value >= 999.5 && factor + 1 < kFactors.size()) {
    value /= 1e3;
    ++factor;
  }
  return fmt::format("{} {}{}", three_digits(value), kFactors[factor], unit);
}

std::string with_commas(std::string number) {
  const std::size_t point = std::min(number.find('.'), number.size());
  for (std::size_t at = point; at > 3;) number.insert(at -= 3, 1, ',');
  return number;
}

}  // namespace

std::string short_text(std::chrono::nanoseconds duration) {
  const auto ns = static_cast<double>(duration.count());
  if (ns < 999'500) return three_digits(ns / 1e3) + "us";
  if (ns < 999'500'000) return three_digits(ns / 1e6) + "ms";
  return three_digits(ns / 1e9) + "s";
}

std::string span_text(std::chrono::nanoseconds duration) {
  const double exact = std::max(seconds(duration), 0.0);
  if (exact < 9.95) return fmt::format("{:.1f} s", exact);
  const auto whole = static_cast<std::uint64_t>(std::llround(exact));
  const auto text = [](std::uint64_t large, const char* unit, std::uint64_t small,
                       const char* part) {
    if (small == 0) return fmt::format("{} {}", large, unit);
    return fmt::format("{} {} {} {}", large, unit, small, part);
  };
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return text(whole / 60, "min", whole % 60, "s");
  if (whole < 100 * 3600) return text(whole / 3600, "h", whole / 60 % 60, "min");
  return text(whole / 86400, "d", whole / 3600 % 24, "h");
}

std::string up_to(std::chrono::nanoseconds longest) {
  return longest.count() > 0 ? fmt::format(" (up to {})", short_text(longest)) : "";
}

std::string grouped(std::uint64_t number) {
  return with_commas(std::to_string(number));
}

std::string grouped(double number, int decimals) {
  return with_commas(fmt::format("{:.{}f}", number, decimals));
}

std::string number_text(double number) {
  return with_commas(fmt::format("{}", number));
}

std::string short_number(double number) {
  if (number == 0) return "0";
  std::string text = scaled(number, "");
  text.erase(text.find(' '), 1);
  return text;
}

std::string short_count(std::uint64_t number) {
  return number < 1000 ? std::to_string(number) : short_number(static_cast<double>(number));
}

std::string counted(std::uint64_t number, const std::string& singular, std::string plural) {
  if (plural.empty()) plural = singular + "s";
  return fmt::format("{} {}", grouped(number), number == 1 ? singular : plural);
}

std::string percent_text(double share) {
  const double percent = 100 * share;
  int decimals = 0;
  for (const double part : {percent, 100 - percent}) {
    if (part <= 0) continue;
    decimals = std::max(decimals, 1 - static_cast<int>(std::floor(std::log10(part))));
  }
  std::string text = fmt::format("{:.{}f}", percent, decimals);
  if (decimals > 0) text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text + " %";
}

void add_word(std::string& list, const std::string& word) {
  if (word.empty() || (", " + list + ", ").find(", " + word + ", ") != std::string::npos) return;
  list += (list.empty() ? "" : ", ") + word;
}

std::string throughput_text(double bytes_per_second) {
  return fmt::format("{} ({})", scaled(bytes_per_second, "B/s"),
                     scaled(8 * bytes_per_second, "bit/s"));
}

}  // namespace echo
