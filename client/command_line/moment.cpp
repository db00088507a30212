#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <stdexcept>

#include "client/command_line/fleet_options.h"

namespace echo {
namespace {

using std::chrono::nanoseconds;
using Moment = std::chrono::system_clock::time_point;

// Beyond it a count of nanoseconds would overflow: the year 2200.
constexpr std::int64_t kLastSecond = 7'258'118'400;

// Takes what it reads off the front of the text, and knows whether all was as it should be.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  int digits(std::size_t count) {
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) value = 10 * value + digit();
    return value;
  }
  void one_of(std::string_view choices) {
    good_ = good_ && !text_.empty() && choices.find(text_.front()) != choices.npos;
    if (good_) text_.remove_prefix(1);
  }
  bool next_is(std::string_view choices) const {
    return !text_.empty() && choices.find(text_.front()) != choices.npos;
  }
  // ".25"; nothing is 0. Digits behind the nanosecond are read and cut.
  nanoseconds fraction() {
    if (!next_is(".")) return nanoseconds::zero();
    text_.remove_prefix(1);
    nanoseconds value{0};
    nanoseconds place = std::chrono::milliseconds(100);
    do {
      value += digit() * place;
      place /= 10;
    } while (next_is("0123456789"));
    return value;
  }
  std::optional<std::int64_t> number() {
    std::int64_t value = 0;
    do {
      value = 10 * value + digit();
      if (value > kLastSecond) return std::nullopt;
    } while (next_is("0123456789"));
    return value;
  }
  void demand(bool condition) { good_ = good_ && condition; }
  bool ended_well() const { return good_ && text_.empty(); }

 private:
  int digit() {
    if (!next_is("0123456789")) {
      good_ = false;
      return 0;
    }
    const int value = text_.front() - '0';
    text_.remove_prefix(1);
    return value;
  }

  std::string_view text_;
  bool good_ = true;
};

std::optional<nanoseconds> since_1970(std::string_view text) {
  Reader reader(text.substr(1));
  const auto whole = reader.number();
  const nanoseconds rest = reader.fraction();
  if (!whole || !reader.ended_well()) return std::nullopt;
  return std::chrono::seconds(*whole) + rest;
}

std::chrono::seconds offset_of(Reader& reader) {
  if (reader.next_is("Zz")) {
    reader.one_of("Zz");
    return std::chrono::seconds::zero();
  }
  const bool is_west = reader.next_is("-");
  reader.one_of("+-");
  const int hours = reader.digits(2);
  reader.one_of(":");
  const int minutes = reader.digits(2);
  reader.demand(hours < 24 && minutes < 60);
  const std::chrono::seconds offset = std::chrono::hours(hours) + std::chrono::minutes(minutes);
  return is_west ? -offset : offset;
}

std::optional<nanoseconds> rfc3339(std::string_view text) {
  Reader reader(text);
  const std::chrono::year year(reader.digits(4));
  reader.one_of("-");
  const std::chrono::month month(static_cast<unsigned>(reader.digits(2)));
  reader.one_of("-");
  const std::chrono::day day(static_cast<unsigned>(reader.digits(2)));
  reader.one_of("Tt ");
  const int hour = reader.digits(2);
  reader.one_of(":");
  const int minute = reader.digits(2);
  reader.one_of(":");
  const int second = reader.digits(2);
  const nanoseconds rest = reader.fraction();
  const std::chrono::seconds offset = offset_of(reader);
  const std::chrono::year_month_day date(year, month, day);
  reader.demand(date.ok() && hour < 24 && minute < 60 && second <= 60);
  if (!reader.ended_well()) return std::nullopt;
  const std::chrono::seconds whole = std::chrono::sys_days(date).time_since_epoch() +
                                     std::chrono::hours(hour) + std::chrono::minutes(minute) +
                                     std::chrono::seconds(second) - offset;
  if (whole.count() < 0 || whole.count() > kLastSecond) return std::nullopt;
  return whole + rest;
}

}  // namespace

Moment parse_moment(std::string_view text) {
  const auto since = text.starts_with('@') ? since_1970(text) : rfc3339(text);
  if (since) return Moment(std::chrono::duration_cast<Moment::duration>(*since));
  throw std::invalid_argument(fmt::format(
      "'{}' is not a time such as 2030-01-31T12:00:00Z, or @ and seconds since 1970", text));
}

}  // namespace echo
