#include "client/results/comparison_report.h"

#include <doctest/doctest.h>

#include <sstream>
#include <string>

namespace echo {
namespace {

TEST_CASE("no line of the text is longer than 78 columns") {
  ComparedSides sides;
  sides.base = "first.example.org:7007, second.example.org:7007, third.example.org:7007";
  sides.next = "unix:/run/echod.sock";
  sides.unlike = {"messages-per-connection 1,000,000 and 2,000,000"};
  sides.warnings = {"a/very/long/path/of/a/saved/result.json is given twice on one side"};
  sides.comparison =
      compare({{"service_time.p99.99", "us", false, {999e6, 1, 999e6, 1}, {1, 1, 1, 1}},
               {"cpu_per_message", "us", false, {1, 1, 1, 1}, {9e4, 9e4, 9e4, 9e4}},
               {"rate", "1/s", true, {999'000, 999'000, 999'000, 999'000}, {123, 1234, 123, 1234}}},
              {Threshold::parse("service_time.p99.99>+1000000%")});
  std::istringstream lines(comparison_text(sides));
  for (std::string line; std::getline(lines, line);) {
    CAPTURE(line);
    CHECK(line.size() <= 78);
  }
}

}  // namespace
}  // namespace echo
