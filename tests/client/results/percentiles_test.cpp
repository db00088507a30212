#include "client/results/percentiles.h"

#include <doctest/doctest.h>

#include <stdexcept>

namespace echo {
namespace {

TEST_CASE("percentiles are read and written alike") {
  for (const char* text : {"0", "50", "99.9", "99.999", "100", "0.00001"}) {
    CHECK(percentile_text(parse_percentile(text)) == text);
  }
  CHECK(percentiles_text(default_percentiles()) == "50,90,99,99.9,99.99");
  CHECK(percentile_text(parse_percentile("-0")) == "0");
}

TEST_CASE("what is not a percentile is refused") {
  for (const char* text : {"", "nan", "inf", "-1", "100.1", "1e1", "50 ", "p50", "50%"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(parse_percentile(text), std::invalid_argument);
  }
}

}  // namespace
}  // namespace echo
