#include "common/units.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <span>
#include <stdexcept>

namespace echo {
namespace {

using std::chrono::nanoseconds;

constexpr std::string_view kDurationHelp =
    "a duration such as 250us, 100ms, 5s, 2m, 1h or 7d (at most 36500d)";
constexpr std::string_view kRateHelp = "a rate such as 50, 0.5, 10k or 1M (at most 1G)";
constexpr std::string_view kSizeHelp = "a size such as 512, 64k, 4M or 1G";
constexpr std::string_view kCountHelp = "a count such as 50, 10k or 1M";

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

// A duration is written in the last one that leaves no fraction.
constexpr std::array<Unit, 8> kDurationUnits{{{"", 1'000'000'000},
                                              {"us", 1'000},
                                              {"ms", 1'000'000},
                                              {"s", 1'000'000'000},
                                              {"min", 60'000'000'000},
                                              {"m", 60'000'000'000},
                                              {"h", 3'600'000'000'000},
                                              {"d", 86'400'000'000'000}}};
constexpr std::uint64_t kHighestRate = 1'000'000'000;  // one message per nanosecond
constexpr std::uint64_t kLongestDuration = 36'500 * 86'400'000'000'000U;

constexpr std::array<Unit, 4> kSizeUnits{
    {{"", 1}, {"k", 1024}, {"M", 1024 * 1024}, {"G", 1024 * 1024 * 1024}}};
constexpr std::array<Unit, 4> kCountUnits{
    {{"", 1}, {"k", 1'000}, {"M", 1'000'000}, {"G", 1'000'000'000}}};

std::invalid_argument refusal(std::string_view text, std::string_view help) {
  return std::invalid_argument(fmt::format("'{}' is not {}", text, help));
}

std::size_t count_digits(std::string_view text) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_digit) -
                                  text.begin());
}

// Digits times the factor of the unit behind them; nothing else, and nothing above `highest`.
std::optional<std::uint64_t> parse(std::string_view text, std::span<const Unit> units,
                                   std::uint64_t highest) {
  const std::size_t digits = count_digits(text);
  const auto unit = std::ranges::find(units, text.substr(digits), &Unit::name);
  if (digits == 0 || unit == units.end()) return std::nullopt;

  std::uint64_t number = 0;
  const auto result = std::from_chars(text.data(), text.data() + digits, number);
  if (result.ec != std::errc{} || number > highest / unit->factor) return std::nullopt;
  return number * unit->factor;
}

// Takes ".25" out of "1.25s" and returns it as 0.25; more digits than nanoseconds are refused.
std::optional<double> take_fraction(std::string& text) {
  const std::size_t point = text.find('.');
  if (point == text.npos) return 0.0;
  const std::size_t digits = count_digits(std::string_view(text).substr(point + 1));
  if (digits == 0 || digits > 9) return std::nullopt;
  double fraction = 0;
  std::from_chars(text.data() + point, text.data() + point + 1 + digits, fraction);
  text.erase(point, 1 + digits);
  return fraction;
}

}  // namespace

nanoseconds parse_duration(std::string_view text) {
  std::string whole(text);
  const auto fraction = take_fraction(whole);
  const auto value = parse(whole, kDurationUnits, kLongestDuration);
  if (!fraction || !value) throw refusal(text, kDurationHelp);

  const auto suffix = std::string_view(whole).substr(count_digits(whole));
  const std::uint64_t factor = std::ranges::find(kDurationUnits, suffix, &Unit::name)->factor;
  const auto extra =
      static_cast<std::uint64_t>(std::llround(*fraction * static_cast<double>(factor)));
  // What is above 0 must not become 0, which turns a limit off.
  const bool vanishes = *fraction > 0 && *value + extra == 0;
  if (vanishes || *value + extra > kLongestDuration) throw refusal(text, kDurationHelp);
  return nanoseconds(static_cast<std::int64_t>(*value + extra));
}

double parse_rate(std::string_view text) {
  std::string whole(text);
  const auto fraction = take_fraction(whole);
  const auto value = parse(whole, kCountUnits, kHighestRate);
  if (!fraction || !value) throw refusal(text, kRateHelp);

  const auto suffix = std::string_view(whole).substr(count_digits(whole));
  const std::uint64_t factor = std::ranges::find(kCountUnits, suffix, &Unit::name)->factor;
  const double rate = static_cast<double>(*value) + *fraction * static_cast<double>(factor);
  if (rate > static_cast<double>(kHighestRate)) throw refusal(text, kRateHelp);
  return rate;
}

std::uint64_t parse_size(std::string_view text) {
  const auto size = parse(text, kSizeUnits, std::numeric_limits<std::int64_t>::max());
  if (!size) throw refusal(text, kSizeHelp);
  return *size;
}

std::uint64_t parse_count(std::string_view text) {
  const auto count = parse(text, kCountUnits, std::numeric_limits<std::int64_t>::max());
  if (!count) throw refusal(text, kCountHelp);
  return *count;
}

std::string duration_text(nanoseconds duration) {
  const auto count = static_cast<std::uint64_t>(duration.count());
  if (count == 0) return "0";
  // The first unit is that of a bare number, which is not written.
  for (std::size_t i = kDurationUnits.size() - 1; i > 0; --i) {
    const auto& [name, factor] = kDurationUnits[i];
    if (count % factor == 0) return fmt::format("{}{}", count / factor, name);
  }
  return fmt::format("{}.{:03}us", count / 1000, count % 1000);
}

std::string size_text(std::uint64_t size) {
  const Unit* unit = kSizeUnits.data();
  for (const Unit& each : kSizeUnits) {
    if (size != 0 && size % each.factor == 0) unit = &each;
  }
  return fmt::format("{}{}", size / unit->factor, unit->name);
}

std::string lower_case(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

}  // namespace echo
