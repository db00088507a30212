#include "common/options/option_kinds.h"

#include "common/console.h"
#include "common/units.h"

namespace echo {
namespace {

using std::chrono::nanoseconds;

constexpr std::array<Choice<bool>, 2> kYesOrNo{{{"true", true}, {"false", false}}};

void check_range(nanoseconds value, const std::string& text, const DurationRange& range) {
  if (value.count() == 0 && range.lowest.count() > 0) {
    throw std::invalid_argument(
        fmt::format("'{}' is not a duration greater than 0, such as 100ms or 5s", text));
  }
  if (value < range.lowest) {
    throw std::invalid_argument(
        fmt::format("'{}' is too short: at least {}", text, duration_text(range.lowest)));
  }
  if (value > range.highest) {
    throw std::invalid_argument(
        fmt::format("'{}' is too long: at most {}", text, duration_text(range.highest)));
  }
}

}  // namespace

OptionSpec option_of(std::string names, std::string value, std::string help,
                     std::function<void(const std::string&)> parse,
                     std::function<std::string()> format) {
  std::string initial = format();
  return {.names = std::move(names),
          .value = std::move(value),
          .help = std::move(help),
          .parse = std::move(parse),
          .format = std::move(format),
          .initial = std::move(initial)};
}

OptionSpec duration_option(std::string names, nanoseconds& value, std::string help,
                           DurationRange range) {
  const auto parse = [&value, range](const std::string& text) {
    const nanoseconds given = parse_duration(text);
    check_range(given, text, range);
    value = given;
  };
  OptionSpec option = option_of(std::move(names), "DURATION", std::move(help), parse,
                                [&value] { return duration_text(value); });
  option.is_number = true;
  return option;
}

std::uint64_t parse_count_in(std::string_view text, CountRange range) {
  const std::uint64_t count = parse_count(text);
  if (count >= range.lowest && count <= range.highest) return count;
  if (range.highest == CountRange{}.highest) {
    throw std::invalid_argument(fmt::format("'{}' is too small: at least {}", text, range.lowest));
  }
  throw std::invalid_argument(
      fmt::format("'{}' is not a number from {} to {}", text, range.lowest, range.highest));
}

std::uint64_t parse_size_in(std::string_view text, CountRange range) {
  const std::uint64_t size = parse_size(text);
  if (size >= range.lowest && size <= range.highest) return size;
  throw std::invalid_argument(fmt::format("'{}' is not a size from {} to {}", text,
                                          size_text(range.lowest), size_text(range.highest)));
}

OptionSpec text_option(std::string names, std::string value_name, std::string_view noun,
                       std::string& value, std::string help) {
  const auto parse = [&value, noun = std::string(noun)](const std::string& text) {
    if (text.empty()) throw std::invalid_argument(fmt::format("'' is not {}", noun));
    if (text.find('\0') != text.npos) {  // a system call would see the part before it
      throw std::invalid_argument(
          fmt::format("'{}' is not {}: it has a zero byte", printable(text), noun));
    }
    value = text;
  };
  return option_of(std::move(names), std::move(value_name), std::move(help), parse,
                   [&value] { return value; });
}

OptionSpec file_option(std::string names, std::string& value, std::string help) {
  return text_option(std::move(names), "FILE", "the name of a file", value, std::move(help));
}

OptionSpec flag_option(std::string names, bool& value, std::string help) {
  OptionSpec option = choice_option(std::move(names), "", value, kYesOrNo, std::move(help));
  option.initial.clear();
  option.choices.clear();
  return option;
}

OptionSpec address_option(std::string names, std::optional<Address>& value, std::string help) {
  return option_of(
      std::move(names), "ADDR", std::move(help),
      [&value](const std::string& text) { value = Address::parse(text); },
      [&value] { return value ? value->text() : ""; });
}

}  // namespace echo
