#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/address.h"
#include "common/options/option_spec.h"
#include "common/units.h"

namespace echo {

// The kinds of options. Each binds one member, whose value at that time is the default that the
// help shows, and refuses a value with a message that quotes it and says what would be right.

struct DurationRange {
  std::chrono::nanoseconds lowest{0};
  std::chrono::nanoseconds highest = std::chrono::nanoseconds::max();
};
constexpr DurationRange kLongerThanZero{.lowest = std::chrono::nanoseconds(1)};

OptionSpec duration_option(std::string names, std::chrono::nanoseconds& value, std::string help,
                           DurationRange range = {});

struct CountRange {
  std::uint64_t lowest = 0;
  std::uint64_t highest = std::numeric_limits<std::uint64_t>::max();  // or what the member can hold
};

std::uint64_t parse_count_in(std::string_view text, CountRange range);
std::uint64_t parse_size_in(std::string_view text, CountRange range);

// What all kinds have in common.
OptionSpec option_of(std::string names, std::string value, std::string help,
                     std::function<void(const std::string&)> parse,
                     std::function<std::string()> format);

template <std::integral Number>
OptionSpec count_option(std::string names, Number& value, std::string help, CountRange range = {}) {
  constexpr auto kHighest = static_cast<std::uint64_t>(std::numeric_limits<Number>::max());
  range.highest = std::min(range.highest, kHighest);
  OptionSpec option = option_of(
      std::move(names), "N", std::move(help),
      [&value, range](const std::string& text) {
        value = static_cast<Number>(parse_count_in(text, range));
      },
      [&value] { return std::to_string(value); });
  option.is_number = true;
  return option;
}

// In bytes.
template <std::integral Number>
OptionSpec size_option(std::string names, Number& value, std::string help, CountRange range = {}) {
  OptionSpec option = option_of(
      std::move(names), "SIZE", std::move(help),
      [&value, range](const std::string& text) {
        value = static_cast<Number>(parse_size_in(text, range));
      },
      [&value] { return size_text(static_cast<std::uint64_t>(value)); });
  option.is_number = true;
  return option;
}

// Any text but an empty one, which `noun` names in the message: "the name of a file".
OptionSpec text_option(std::string names, std::string value_name, std::string_view noun,
                       std::string& value, std::string help);
OptionSpec file_option(std::string names, std::string& value, std::string help);

template <typename Value>
struct Choice {
  std::string_view name;
  Value value;
};

// One of a few words, in any case. The first name of a value is the one that is written.
template <typename Value, std::size_t size>
OptionSpec choice_option(std::string names, std::string value_name, Value& value,
                         const std::array<Choice<Value>, size>& choices, std::string help) {
  std::vector<std::string> words;
  for (const Choice<Value>& choice : choices) words.emplace_back(choice.name);
  const auto parse = [&value, &choices, words](const std::string& text) {
    const std::string lower = lower_case(text);
    const auto found = std::ranges::find(choices, lower, &Choice<Value>::name);
    if (found == choices.end()) {
      throw std::invalid_argument(
          fmt::format("'{}' is not one of {}", text, fmt::join(words, ", ")));
    }
    value = found->value;
  };
  OptionSpec option = option_of(
      std::move(names), std::move(value_name), std::move(help), parse, [&value, &choices] {
        return std::string(std::ranges::find(choices, value, &Choice<Value>::value)->name);
      });
  option.choices = words;
  return option;
}

OptionSpec flag_option(std::string names, bool& value, std::string help);

OptionSpec address_option(std::string names, std::optional<Address>& value, std::string help);

// Of values that have parse() and text(), such as Address. Together they replace those before.
template <typename Value>
OptionSpec list_option(std::string names, std::string value_name, std::vector<Value>& values,
                       std::string help) {
  OptionSpec option = option_of(
      std::move(names), std::move(value_name), std::move(help),
      [&values](const std::string& one) { values.push_back(Value::parse(one)); },
      [&values] {
        std::vector<std::string> texts;
        for (const Value& value : values) texts.push_back(value.text());
        return fmt::format("{}", fmt::join(texts, ", "));
      });
  option.clear = [&values] { values.clear(); };
  return option;
}

}  // namespace echo
