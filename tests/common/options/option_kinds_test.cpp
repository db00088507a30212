#include "common/options/option_kinds.h"

#include <doctest/doctest.h>

#include <array>
#include <stdexcept>

namespace echo {
namespace {

using namespace std::chrono_literals;

std::string refusal(const OptionSpec& option, const std::string& text) {
  try {
    option.parse(text);
    return "accepted";
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
}

TEST_CASE("a duration has bounds that are named") {
  std::chrono::nanoseconds value = 5s;
  const OptionSpec option = duration_option("--spin", value, "", {.lowest = 10ms, .highest = 1s});
  CHECK(option.initial == "5s");
  option.parse("20ms");
  CHECK(value == 20ms);
  CHECK(option.format() == "20ms");
  CHECK(refusal(option, "9ms") == "'9ms' is too short: at least 10ms");
  CHECK(refusal(option, "2s") == "'2s' is too long: at most 1s");
  CHECK(refusal(option, "0") == "'0' is not a duration greater than 0, such as 100ms or 5s");
  CHECK(refusal(option, "x").starts_with("'x' is not a duration such as"));
  CHECK(value == 20ms);
}

TEST_CASE("a count has the bounds of its member too") {
  std::int16_t small = 3;
  const OptionSpec option = count_option("--count", small, "", {.lowest = 1});
  option.parse("32767");
  CHECK(small == 32767);
  CHECK(refusal(option, "40k") == "'40k' is not a number from 1 to 32767");
  CHECK(refusal(option, "0") == "'0' is not a number from 1 to 32767");
  std::uint64_t large = 3;
  CHECK(refusal(count_option("--count", large, "", {.lowest = 1}), "0") ==
        "'0' is too small: at least 1");
}

TEST_CASE("a size is shown with its unit") {
  std::size_t value = 65536;
  const OptionSpec option =
      size_option("--size", value, "", {.lowest = 32 << 10, .highest = 1 << 30});
  CHECK(option.initial == "64k");
  CHECK(refusal(option, "16k") == "'16k' is not a size from 32k to 1G");
  option.parse("1M");
  CHECK(value == 1 << 20);
}

TEST_CASE("a choice is taken in any case and an alias is written by its first name") {
  static constexpr std::array<Choice<int>, 3> kChoices{{{"low", 1}, {"high", 2}, {"hi", 2}}};
  int value = 1;
  const OptionSpec option = choice_option("--level", "LEVEL", value, kChoices, "");
  option.parse("HI");
  CHECK(value == 2);
  CHECK(option.format() == "high");
  CHECK(refusal(option, "x") == "'x' is not one of low, high, hi");
}

TEST_CASE("a text is refused only if it is empty or has a zero byte") {
  std::string value;
  const OptionSpec option = text_option("--user", "USER", "the name of a user", value, "");
  option.parse("a b");
  CHECK(value == "a b");
  CHECK(refusal(option, "") == "'' is not the name of a user");
  CHECK(refusal(option, std::string("a\0b", 3)) ==
        "'a\\x00b' is not the name of a user: it has a zero byte");
  CHECK(value == "a b");
}

TEST_CASE("an option without a value is true or false") {
  bool value = false;
  const OptionSpec option = flag_option("-q,--quiet", value, "");
  CHECK(option.is_flag());
  option.parse("true");
  CHECK(value);
  option.parse("false");
  CHECK_FALSE(value);
  CHECK(refusal(option, "1") == "'1' is not one of true, false");
}

}  // namespace
}  // namespace echo
