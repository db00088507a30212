#include "client/results/fleet.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "client/results/json_report.h"
#include "client/results/json_result.h"
#include "client/results/merge.h"
#include "client/results/merged_result.h"
#include "client/results/report.h"
#include "tests/client/results/made_result.h"
#include "tests/support/captured_streams.h"
#include "tests/support/json_schema.h"

namespace echo {
namespace {

using namespace std::chrono_literals;
using testing::CapturedStreams;
using testing::good_result;
using testing::TemporaryFolder;
using testing::write_file;

// Result `part` of three, which began so much later than the first one.
Result generator(std::uint64_t part, std::chrono::milliseconds later = 0ms) {
  Result result = good_result();
  result.shares = {{part, 3}};
  result.started += later;
  result.plan.label = "host" + std::to_string(part);
  return result;
}

struct Fleet {
  void add(const Result& result) {
    options.files.push_back(folder.file(std::to_string(options.files.size())));
    write_file(options.files.back(), json_report(result));
  }
  int merge() {
    const CapturedStreams streams;
    const int status = run_merge(options);
    output = streams.output();
    errors = streams.errors();
    return status;
  }
  MergedResult merged() const {
    MergedResult sum;
    for (const std::string& file : options.files) sum.add_file(file);
    return sum;
  }

  TemporaryFolder folder;
  MergeOptions options;
  std::string output;
  std::string errors;
};

TEST_CASE("a merged histogram has in each bucket what those of three generators have there") {
  std::array<Result, 3> results{generator(1), generator(2), generator(3)};
  Histogram all;
  for (std::size_t i = 0; i < results.size(); ++i) {
    Histogram& latency = results[i].histogram(Metric::latency);
    for (unsigned k = 1; k <= 1000; ++k) latency.record((i + 1) * k * k * 37ns);
    all.add(latency);
  }
  Fleet fleet;
  for (const Result& result : results) fleet.add(result);
  const MergedResult sum = fleet.merged();
  REQUIRE(sum.problems() == std::vector<std::string>{});
  const Histogram& merged = sum.result().histogram(Metric::latency);
  CHECK(std::ranges::equal(merged.counts(), all.counts()));
  CHECK(std::ranges::count_if(merged.counts(), [](auto count) { return count > 0; }) > 1000);
  CHECK(merged.count() == 3300);
}

TEST_CASE("rates of generators add up however far apart they began") {
  for (const auto later : {0ms, 3000ms, 9000ms}) {
    Fleet fleet;
    fleet.add(generator(1));
    fleet.add(generator(2, later));
    fleet.add(generator(3));
    const MergedResult sum = fleet.merged();
    CHECK(sum.result().achieved_rate() == doctest::Approx(30));
    CHECK(sum.result().asked_rate == doctest::Approx(30));
    CHECK(sum.result().together->time == 10s - later);
  }
}

TEST_CASE("a warning tells of runs that began more than an interval apart") {
  Fleet fleet;
  fleet.add(generator(1));
  fleet.add(generator(2, 1000ms));
  fleet.add(generator(3, 900ms));
  CHECK(start_warning(fleet.merged().result()) == "");
  Fleet apart;
  apart.add(generator(1, 2500ms));
  apart.add(generator(2));
  apart.add(generator(3));
  CHECK(apart.merge() == 0);
  CHECK(apart.output.find("30.0 messages/s over 7.50s, 100 % of the 30 asked") !=
        std::string::npos);
  CHECK(start_warning(apart.merged().result()) ==
        "the runs began up to 2.50s apart: the rate is that of the 7.50s in which all of them "
        "measured");
}

TEST_CASE("runs that have no time in common are told of") {
  Fleet fleet;
  fleet.add(generator(1));
  fleet.add(generator(2, 6000ms));
  fleet.add(generator(3, 12000ms));
  fleet.options.json = "-";
  CHECK(fleet.merge() == 0);
  CHECK(fleet.errors.find("warning: at no time did all of the runs measure") != std::string::npos);
  const auto saved = nlohmann::json::parse(fleet.output);
  CHECK(saved.at("overlap").at("duration_s") == 0);
  CHECK(saved.at("rate").at("achieved") == 30);
}

TEST_CASE("a share that is missing is named and costs the status") {
  Fleet fleet;
  fleet.add(generator(1));
  fleet.add(generator(3));
  CHECK(fleet.merge() == 1);
  CHECK(fleet.errors == "echoc: share 2/3 is missing\n");
  fleet.options.expect = 3;
  CHECK(fleet.merge() == 1);
  CHECK(fleet.errors == "echoc: 2 results of the 3 expected\nechoc: share 2/3 is missing\n");
  fleet.add(generator(2));
  CHECK(fleet.merge() == 0);
  CHECK(fleet.errors == "");
  CHECK(fleet.output.find("\nlabel        host1, host3, host2\n") != std::string::npos);
}

TEST_CASE("shares are still known when a merged result is merged with the rest") {
  Fleet first;
  first.add(generator(3, 2000ms));
  first.add(generator(1));
  Fleet second;
  second.add(first.merged().result());
  second.add(generator(2, 500ms));
  CHECK(second.merge() == 0);
  const MergedResult sum = second.merged();
  CHECK(shares_text(sum.result().shares) == "1/3, 2/3, 3/3");
  CHECK(sum.result().together->time == 8s);
  CHECK(sum.result().achieved_rate() == doctest::Approx(30));
}

TEST_CASE("a share that is there twice or of another fleet is told of") {
  Fleet fleet;
  fleet.add(generator(1));
  Result again = generator(1, 1000ms);
  fleet.add(again);
  again.shares = {{2, 4}};
  again.started += 1ms;
  fleet.add(again);
  const std::vector<std::string>& files = fleet.options.files;
  CHECK(fleet.merged().result().remarks ==
        std::vector<std::string>{files[1] + " (host1) is share 1/3, which is in the sum already",
                                 files[2] + " (host1) is share 2/4 and " + files[0] +
                                     " (host1) 1/3: they are not of one fleet"});
}

TEST_CASE("a share in a file that is none is not taken") {
  for (const char* share : {"", "4/3", "x"}) {
    auto saved = nlohmann::json::parse(json_report(generator(1)));
    saved["share"] = share;
    CHECK_THROWS_AS(parse_result(saved.dump()), std::runtime_error);
  }
}

}  // namespace
}  // namespace echo
