#include "client/command_line/fleet_options.h"

#include <doctest/doctest.h>

#include <map>
#include <stdexcept>
#include <string>

#include "client/command_line/utf8.h"
#include "common/usage_error.h"

namespace echo {
namespace {

using namespace std::chrono_literals;
using Variables = std::map<std::string, std::string>;

Environment environment_of(const Variables& variables) {
  return [&variables](const char* name) -> const char* {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  };
}

std::string share_refusal(const std::string& text, const Variables& variables) {
  try {
    return "accepted as " + share_asked_for(text, environment_of(variables)).text();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
}

TEST_CASE("a share is given or taken from Slurm or from an indexed Job") {
  const Variables slurm{{"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "4"}};
  const Variables job{{"JOB_COMPLETION_INDEX", "2"}};
  CHECK(share_asked_for("2/3", environment_of({})) == Share{2, 3});
  CHECK(share_asked_for("slurm", environment_of(slurm)) == Share{1, 4});
  CHECK(share_asked_for("3", environment_of(job)) == Share{3, 3});
  // A variable that happens to be set counts only where the option asks for it.
  CHECK(share_asked_for("1/2", environment_of(slurm)) == Share{1, 2});
}

TEST_CASE("a share that cannot be had is refused with the name of the variable") {
  CHECK(share_refusal("4/3", {}) ==
        "'4/3' is not a share such as 1/3, 2/3 or 3/3, nor slurm, nor a number");
  CHECK(share_refusal("0", {}) == "'0' is not a number from 1 to 1000000");
  CHECK(share_refusal("3", {}) ==
        "JOB_COMPLETION_INDEX is not set; an indexed Job of Kubernetes sets it");
  CHECK(share_refusal("3", {{"JOB_COMPLETION_INDEX", ""}}) ==
        "JOB_COMPLETION_INDEX is '', which is not a number");
  CHECK(share_refusal("3", {{"JOB_COMPLETION_INDEX", "-1"}}) ==
        "JOB_COMPLETION_INDEX is '-1', which is not a number");
  CHECK(share_refusal("3", {{"JOB_COMPLETION_INDEX", "3"}}) ==
        "JOB_COMPLETION_INDEX is 3, which is not a number from 0 to 2");
  CHECK(share_refusal("slurm", {{"SLURM_PROCID", "0"}}) ==
        "SLURM_NTASKS is not set; srun of Slurm sets it");
  CHECK(share_refusal("slurm", {{"SLURM_NTASKS", "2"}}) ==
        "SLURM_PROCID is not set; srun of Slurm sets it");
  CHECK(share_refusal("slurm", {{"SLURM_NTASKS", "0"}, {"SLURM_PROCID", "0"}}) ==
        "SLURM_NTASKS is 0, which is not a number from 1 to 1000000");
  CHECK(share_refusal("slurm", {{"SLURM_NTASKS", "2"}, {"SLURM_PROCID", "2k"}}) ==
        "SLURM_PROCID is '2k', which is not a number");
  CHECK(share_refusal("slurm", {{"SLURM_NTASKS", "2"}, {"SLURM_PROCID", "99999999999999999999"}}) ==
        "SLURM_PROCID is '99999999999999999999', which is not a number");
}

LoadPlan plan_of(std::uint64_t part, std::uint64_t parts) {
  LoadPlan plan;
  plan.connections = 100;
  plan.count = 1001;
  plan.rate = 1000;
  plan.share = Share{part, parts};
  take_share(plan);
  return plan;
}

TEST_CASE("shares of connections and messages and rate add up to the whole") {
  for (const std::uint64_t parts : {1U, 2U, 3U, 7U, 99U, 100U}) {
    CAPTURE(parts);
    std::uint64_t connections = 0;
    std::uint64_t count = 0;
    double rate = 0;
    for (std::uint64_t part = 1; part <= parts; ++part) {
      const LoadPlan plan = plan_of(part, parts);
      CHECK(plan.connections >= 100 / parts);
      CHECK(plan.connections <= 100 / parts + 1);
      connections += plan.connections;
      count += plan.count;
      rate += plan.rate;
    }
    CHECK(connections == 100);
    CHECK(count == 1001);
    CHECK(rate == doctest::Approx(1000).epsilon(1e-12));
  }
}

TEST_CASE("without a share nothing is split") {
  LoadPlan plan;
  plan.rate = 5;
  take_share(plan);
  CHECK(plan.connections == 10);
  CHECK(plan.rate == 5);
  CHECK(plan.count == 0);
}

TEST_CASE("a share for which nothing is left is refused") {
  LoadPlan plan;
  plan.connections = 2;
  plan.share = Share{3, 3};
  CHECK_THROWS_WITH_AS(take_share(plan),
                       "--share: 3/3 leaves no connection to this generator: --connections must be "
                       "at least 3, not 2",
                       UsageError);
  plan.connections = 10;
  plan.count = 1;
  CHECK_THROWS_WITH_AS(take_share(plan),
                       "--share: 3/3 leaves no message to this generator: --count must be at "
                       "least 3, not 1",
                       UsageError);
}

TEST_CASE("a moment is RFC 3339 or seconds since 1970") {
  const auto since_1970 = [](const char* text) {
    return std::chrono::nanoseconds(parse_moment(text).time_since_epoch());
  };
  CHECK(since_1970("@0") == 0s);
  CHECK(since_1970("@1700000000") == 1'700'000'000s);
  CHECK(since_1970("@1700000000.25") == 1'700'000'000s + 250ms);
  CHECK(since_1970("@1.0000000019") == 1s + 1ns);
  CHECK(since_1970("1970-01-01T00:00:01Z") == 1s);
  CHECK(since_1970("2023-11-14t22:13:20.5z") == 1'700'000'000s + 500ms);
  CHECK(since_1970("2023-11-15 03:43:20+05:30") == 1'700'000'000s);
  CHECK(since_1970("2023-11-14T14:13:20-08:00") == 1'700'000'000s);
  CHECK(since_1970("2024-02-29T00:00:00Z") == 1'709'164'800s);
}

TEST_CASE("a moment that is none is refused") {
  for (const std::string text : {"",
                                 "@",
                                 "@x",
                                 "@-1",
                                 "@1.",
                                 "@1e9",
                                 "@ 1",
                                 "@99999999999999999999",
                                 "12:00",
                                 "2023-11-14",
                                 "2023-11-14T22:13Z",
                                 "2023-11-14T22:13:20",
                                 "2023-02-29T00:00:00Z",
                                 "2023-13-01T00:00:00Z",
                                 "2023-11-14T24:00:00Z",
                                 "2023-11-14T22:60:00Z",
                                 "2023-11-14T22:13:20Z ",
                                 "2023-11-14T22:13:20.Z",
                                 "2023-11-14T22:13:20+0100",
                                 "2023-11-14T22:13:20+24:00",
                                 "1969-12-31T23:59:59Z",
                                 "9999-01-01T00:00:00Z"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(parse_moment(text), std::invalid_argument);
  }
}

TEST_CASE("UTF-8 is told from other bytes") {
  for (const char* text : {"", "node-1", "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80",
                           "\xf4\x8f\xbf\xbf", "\xed\x9f\xbf", "a\xc3\xa4z"}) {
    CAPTURE(text);
    CHECK(is_utf8(text));
  }
  for (const char* text :
       {"\x80", "\xc3", "\xc3z", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf0\x80\x80\xaf",
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "a\xe2\x82"}) {
    CAPTURE(text);
    CHECK_FALSE(is_utf8(text));
  }
}

}  // namespace
}  // namespace echo
