#include "client/results/targets_report.h"

#include <doctest/doctest.h>

#include <sstream>
#include <string>

#include "client/results/report.h"
#include "client/results/target_runs.h"
#include "tests/client/results/made_result.h"
#include "tests/support/text.h"

namespace echo {
namespace {

using namespace std::chrono_literals;
using testing::good_result;
using testing::has;
using testing::run_of;

// So many rounds of about that time.
TargetRuns target_of(std::string name, nanoseconds time, int rounds) {
  TargetRuns target{std::move(name), {}};
  for (int i = 0; i < rounds; ++i) target.runs.push_back(run_of(time + i * time / 100));
  return target;
}

std::string report_of(std::vector<TargetRuns> targets) {
  return text_report(sum_of_targets(good_result().plan, std::move(targets)));
}

TEST_CASE("several targets have a row each and a difference from the first beyond noise") {
  const std::string text =
      report_of({target_of("127.0.0.1:7007", 10ms, 5), target_of("127.0.0.1:7008", 12ms, 5)});
  CAPTURE(text);
  CHECK(text.starts_with(
      "median of rounds       rounds     rate     p50     p99     max errors  cpu/msg\n"
      "127.0.0.1:7007              5   10.0/s  10.2ms  10.2ms  10.2ms      0   15.0ms\n"
      "127.0.0.1:7008              5   10.0/s  12.2ms  12.2ms  12.2ms      0   15.0ms\n"));
  CHECK(has(text, "\nbase       5 runs of 127.0.0.1:7007\nnew        5 runs of 127.0.0.1:7008\n"));
  CHECK(has(text, "+20.0 %  worse\n"));
  CHECK(has(text, "\nnoise      beyond it if"));
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 78);
}

TEST_CASE("fewer than four rounds cannot be significant and say so") {
  const std::string text = report_of({target_of("a:1", 10ms, 3), target_of("b:1", 20ms, 3)});
  CHECK(has(text, "+100.0 %  too few runs\n"));
  CHECK(has(text, "fewer than 4 runs a side cannot show a significant difference: here"));
  CHECK_FALSE(has(text, "worse"));
}

TEST_CASE("a target without a complete round is named and spoils no other") {
  Result failed;
  failed.error = "no route";
  const TargetRuns dead{"dead:1", {failed, failed}};
  const std::string text = report_of({target_of("a:1", 10ms, 2), dead, target_of("b:1", 10ms, 2)});
  CHECK(has(text, "\ndead:1                    0/2        -       -       -       -      0 "));
  CHECK(has(text, "\nNot compared: dead:1 has no complete round.\n"));
  CHECK(has(text, "\nnew        2 runs of b:1\n"));
  CHECK(has(report_of({dead, target_of("a:1", 10ms, 2)}),
            "\nNothing to compare with: dead:1 has no complete round.\n"));
}

TEST_CASE("a long name has a line of its own and no control characters") {
  const std::string name = "unix:/tmp/a-long-name-\x1b[31m";
  const std::string text = report_of({target_of(name, 10ms, 1), target_of("b:1", 10ms, 1)});
  CHECK(has(text, "\nunix:/tmp/a-long-name-\\x1b[31m\n                            1   10.0/s"));
  CHECK_FALSE(has(text, "\x1b"));
}

TEST_CASE("a run that was interrupted is said to be partial") {
  Result sum = sum_of_targets(good_result().plan, {target_of("a:1", 10ms, 1)});
  sum.partial = true;
  CHECK(text_report(sum).starts_with("PARTIAL: "));
}

}  // namespace
}  // namespace echo
