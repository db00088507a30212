#include "client/results/threshold.h"

#include <doctest/doctest.h>

#include <limits>
#include <stdexcept>
#include <string>

namespace echo {
namespace {

std::string threshold_refusal(const char* text) {
  try {
    Threshold::parse(text);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

TEST_CASE("a threshold names a metric and a change of it") {
  const Threshold rise = Threshold::parse(" p99 > +10% ");
  CHECK(rise.text == "p99>+10%");
  CHECK(rise.metric == "p99");
  CHECK(rise.comparison == ">");
  CHECK(rise.limit == doctest::Approx(0.1));
  const Threshold fall = Threshold::parse("rate<=-2.5%");
  CHECK(fall.metric == "rate");
  CHECK(fall.comparison == "<=");
  CHECK(fall.limit == doctest::Approx(-0.025));
  for (const char* text : {"errors>0%", "cpu_per_message>5%", "connect.p99.9>=+1%", "max>+200%"}) {
    CAPTURE(text);
    CHECK(Threshold::parse(text).text == text);
  }
}

TEST_CASE("a threshold that could not be meant is refused with its text and the grammar") {
  for (const char* text :
       {"",          "p99",          "p99>",     ">+10%",         "p99>+10",   "p99>nan%",
        "p99>+inf%", "p99>+nan%",    "p99>-10%", "p99<+10%",      "rate<5%",   "rate<-100%",
        "p101>+10%", "latenzy>+10%", "p99=+10%", "p99>>+1%",      "p99>+1e3%", "p99>++1%",
        "p99>+1%%",  "p99<5ms",      "p99>+.%",  "errors.p50>+1%"}) {
    CAPTURE(text);
    const std::string why = threshold_refusal(text);
    CHECK(why.starts_with("'" + std::string(text) + "' is not METRIC>+N%"));
    CHECK(why.ends_with("such as p99>+10% or rate<-5%"));
  }
}

TEST_CASE("a threshold is exceeded by what is beyond it in its own direction") {
  const Threshold rise = Threshold::parse("p99>+10%");
  CHECK_FALSE(rise.is_exceeded(0.1));
  CHECK_FALSE(rise.is_exceeded(-0.5));
  CHECK(rise.is_exceeded(0.11));
  CHECK(rise.is_exceeded(std::numeric_limits<double>::infinity()));
  CHECK(Threshold::parse("p99>=+10%").is_exceeded(0.1));
  const Threshold fall = Threshold::parse("rate<-5%");
  CHECK_FALSE(fall.is_exceeded(-0.05));
  CHECK_FALSE(fall.is_exceeded(0.5));
  CHECK(fall.is_exceeded(-0.06));
  CHECK(Threshold::parse("rate<=-5%").is_exceeded(-0.05));
}

}  // namespace
}  // namespace echo
