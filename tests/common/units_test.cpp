#include "common/units.h"

#include <doctest/doctest.h>

#include <chrono>
#include <stdexcept>
#include <string>

namespace echo {
namespace {

using namespace std::chrono_literals;

TEST_CASE("durations are read with their unit and their fraction") {
  CHECK(parse_duration("250us") == 250us);
  CHECK(parse_duration("100ms") == 100ms);
  CHECK(parse_duration("5s") == 5s);
  CHECK(parse_duration("2m") == 2min);
  CHECK(parse_duration("5min") == 5min);
  CHECK(parse_duration("0.5min") == 30s);
  CHECK(parse_duration("1h") == 1h);
  CHECK(parse_duration("7d") == 168h);
  CHECK(parse_duration("1.5s") == 1500ms);
  CHECK(parse_duration("0.1ms") == 100us);
  CHECK(parse_duration("2.25h") == 135min);
  CHECK(parse_duration("36500d") == 24h * 36500);
}

TEST_CASE("a bare number is seconds and zero is allowed") {
  CHECK(parse_duration("3") == 3s);
  CHECK(parse_duration("0.25") == 250ms);
  CHECK(parse_duration("0") == 0s);
}

TEST_CASE("what is not a duration is refused with the text and what would be right") {
  for (const std::string text : {"",
                                 "s",
                                 "-1s",
                                 "+1s",
                                 "5x",
                                 "5 s",
                                 " 5s",
                                 "5s ",
                                 "1.s",
                                 ".5s",
                                 "1..5s",
                                 "1.5.5s",
                                 "1e3",
                                 "0x10",
                                 "inf",
                                 "nan",
                                 "5S",
                                 "1.0000000001s",
                                 "0.0001us",
                                 "36501d",
                                 "18446744073709551616",
                                 "99999999999999999999d"}) {
    CAPTURE(text);
    try {
      parse_duration(text);
      FAIL("was accepted");
    } catch (const std::invalid_argument& error) {
      CHECK(std::string(error.what()).starts_with("'" + text + "' is not a duration such as"));
    }
  }
}

TEST_CASE("a duration is written so that it reads back the same") {
  for (const auto duration : {250us, 100000us, 1500000us, 3600000000us, 1us, 0us}) {
    CHECK(parse_duration(duration_text(duration)) == duration);
  }
  CHECK(duration_text(1500ms) == "1500ms");
  CHECK(duration_text(5min) == "5m");
  CHECK(parse_duration(duration_text(1234ns)) == 1234ns);
  const auto years = 66666661170761707ns;  // more digits than a double has
  CHECK(parse_duration(duration_text(years)) == years);
}

TEST_CASE("sizes count in 1024 and counts in 1000") {
  CHECK(parse_size("512") == 512);
  CHECK(parse_size("64k") == 65536);
  CHECK(parse_size("4M") == 4194304);
  CHECK(parse_size("1G") == 1073741824);
  CHECK(parse_count("50") == 50);
  CHECK(parse_count("10k") == 10000);
  CHECK(parse_count("1M") == 1000000);
}

TEST_CASE("rates may be below one") {
  CHECK(parse_rate("50") == 50);
  CHECK(parse_rate("0.5") == 0.5);
  CHECK(parse_rate("1.5k") == 1500);
  CHECK(parse_rate("0") == 0);
  CHECK(parse_rate("1G") == 1e9);
  for (const std::string text : {"", "-1", "+1", ".5", "1.", "1e3", "nan", "5/s", "1000000000.5",
                                 "2G", "18446744073709551616"}) {
    CAPTURE(text);
    try {
      parse_rate(text);
      FAIL_CHECK("was accepted");
    } catch (const std::invalid_argument& error) {
      CHECK(std::string(error.what()).starts_with("'" + text + "' is not a rate such as"));
    }
  }
}

TEST_CASE("a size is written so that it reads back the same") {
  for (const std::string text : {"0", "1", "1023", "64k", "1000k", "4M", "1G", "1025M"}) {
    CHECK(size_text(parse_size(text)) == text);
  }
  CHECK(size_text(65536) == "64k");
}

TEST_CASE("words are compared in lower case") {
  CHECK(lower_case("WaRNing-9\xc4") == "warning-9\xc4");
}

TEST_CASE("what is not a size or a count is refused") {
  for (const std::string text : {"", "k", "-1", "+1", "1.5k", "64K", "64kB", "1 k", "0x10",
                                 "9223372036854775808", "99999999999G"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(parse_size(text), std::invalid_argument);
    CHECK_THROWS_AS(parse_count(text), std::invalid_argument);
  }
}

}  // namespace
}  // namespace echo
