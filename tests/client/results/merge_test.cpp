#include "client/results/merge.h"

#include <doctest/doctest.h>

#include <string>

#include <nlohmann/json.hpp>

#include "client/results/hlog.h"
#include "client/results/json_report.h"
#include "client/results/report.h"
#include "common/usage_error.h"
#include "tests/client/results/made_result.h"
#include "tests/support/captured_streams.h"

namespace echo {
namespace {

using namespace std::chrono_literals;
using testing::bad_result;
using testing::CapturedStreams;
using testing::good_result;
using testing::read_file;
using testing::TemporaryFolder;
using testing::write_file;

struct Merge {
  explicit Merge(std::initializer_list<std::string> texts) {
    for (const std::string& text : texts) {
      options.files.push_back(folder.file(std::to_string(options.files.size())));
      write_file(options.files.back(), text);
    }
  }
  void judge(const char* objective) { options.objectives.push_back(Objective::parse(objective)); }
  int run() {
    const CapturedStreams streams;
    const int status = run_merge(options);
    output = streams.output();
    errors = streams.errors();
    return status;
  }

  TemporaryFolder folder;
  MergeOptions options;
  std::string output;
  std::string errors;
};

std::string good_json() {
  return json_report(good_result());
}

// Another run that went as well.
std::string other_json() {
  Result other = good_result();
  other.started += 1s;
  return json_report(other);
}

std::string good_log() {
  std::string text = hlog_header(good_result().started, true);
  for (const Metric metric : kMetrics) {
    text += hlog_row(metric == Metric::latency ? "" : name(metric), 0s, 5s,
                     good_result().histogram(metric));
  }
  return text;
}

TEST_CASE("a share of a rate is no objective of results without one") {
  Result closed_loop = bad_result();
  closed_loop.plan.rate = closed_loop.asked_rate = 0;
  Merge merge{json_report(closed_loop)};
  merge.judge("rate>0.98");
  CHECK_THROWS_WITH_AS(merge.run(),
                       "--slo: 'rate>0.98' is a share of a rate, and these results have none",
                       UsageError);
}

TEST_CASE("one result is merged into its own report") {
  Merge merge({good_json()});
  CHECK(merge.run() == 0);
  CHECK(merge.errors == "");
  CHECK(merge.output == text_report(good_result(), output_style()));
}

TEST_CASE("merged results are reported and judged as one run") {
  Merge merge({good_json(), good_json()});
  merge.judge("p99<1us");
  CHECK(merge.run() == 3);
  CHECK(
      merge.output.starts_with("merged       2 results of 127.0.0.1:7007\n"
                               "rate         20.0 messages/s over 10.0s, 100 % of the 20 asked"));
  CHECK(merge.output.find(" p99<1us: missed, 99") != std::string::npos);
  CHECK(merge.output.find("\nLatency of the answered messages:\n") != std::string::npos);
  merge.options.no_picture = true;
  CHECK(merge.run() == 3);
  CHECK(merge.output.find("\nLatency of the answered messages:\n") == std::string::npos);
  merge.options.json = "-";
  merge.options.percentiles = {75};
  CHECK(merge.run() == 3);
  const auto report = nlohmann::json::parse(merge.output);
  CHECK(report.at("generators") == 2);
  CHECK(report.at("latency").at("percentiles").size() == 1);
  CHECK(report.at("slo").at(0).at("met") == false);
}

TEST_CASE("merging has the status of the load") {
  Result failed = bad_result();
  failed.counters.messages.corrupt = 0;
  Result partial = good_result();
  partial.partial = true;
  CHECK(Merge({good_json(), json_report(bad_result())}).run() == 4);
  CHECK(Merge({good_json(), json_report(failed)}).run() == 1);
  CHECK(Merge({good_json(), json_report(partial)}).run() == 130);
  Merge judged({good_json(), json_report(failed)});
  judged.judge("errors<50%");
  CHECK(judged.run() == 0);
}

TEST_CASE("a file that could not be merged gives status 1 unless the rest is worse") {
  Merge merge({good_json(), ""});
  merge.judge("p99<1us");
  CHECK(merge.run() == 1);
  CHECK(merge.errors == "echoc: " + merge.options.files[1] + ": is empty\n");
  CHECK(merge.output.find("100 echoed and verified") != std::string::npos);
  CHECK(Merge({json_report(bad_result()), ""}).run() == 4);
}

TEST_CASE("a generator that is missing is told") {
  Merge merge({good_json(), other_json()});
  merge.options.expect = 3;
  CHECK(merge.run() == 1);
  CHECK(merge.errors == "echoc: 2 results of the 3 expected\n");
  merge.options.expect = 2;
  CHECK(merge.run() == 0);
  merge.options.expect = 1;
  CHECK(merge.run() == 1);
}

TEST_CASE("a copy of a result does not stand for a generator that is missing") {
  Merge merge({good_json(), good_json()});
  const auto& files = merge.options.files;
  CHECK(merge.run() == 0);
  merge.options.expect = 2;
  merge.options.json = "-";
  CHECK(merge.run() == 1);
  CHECK(merge.errors == "echoc: 1 result of the 2 expected\nechoc: warning: " + files[1] +
                            " holds the same run as " + files[0] +
                            ", which is counted once more\n");
}

TEST_CASE("where there is no result nothing is written") {
  Merge merge({"", "{}"});
  merge.options.json = merge.folder.file("json");
  merge.options.hgrm = merge.folder.file("hgrm");
  write_file(merge.options.json, "old");
  CHECK(merge.run() == 1);
  CHECK(merge.errors.ends_with("\nechoc: there is no result to merge\n"));
  CHECK(merge.output == "");
  CHECK(read_file(merge.options.json) == "old");
  CHECK(read_file(merge.options.hgrm) == "");
}

TEST_CASE("logs are merged into their times and judged by them") {
  Merge merge({good_log(), good_log()});
  merge.judge("p99<1s");
  merge.options.hgrm = merge.folder.file("hgrm");
  CHECK(merge.run() == 0);
  CHECK(merge.output.starts_with("times only: "));
  CHECK(merge.output.find(" p99<1s: met") != std::string::npos);
  CHECK(read_file(merge.options.hgrm).find("Total count    =          200]") != std::string::npos);
  merge.judge("p99<1ms");
  CHECK(merge.run() == 3);
}

TEST_CASE("logs cannot be judged by what they do not hold") {
  for (const char* objective : {"errors<1", "errors<1%", "rate>1", "rate>0.9"}) {
    Merge merge({good_log()});
    merge.judge(objective);
    CHECK_THROWS_AS(merge.run(), UsageError);
  }
  Merge merge({good_log()});
  merge.options.json = "-";
  CHECK_THROWS_AS(merge.run(), UsageError);
}

TEST_CASE("an input is never overwritten and kinds are not mixed") {
  Merge merge({good_json(), good_json()});
  merge.options.json = merge.options.files[1];
  CHECK_THROWS_AS(merge.run(), UsageError);
  CHECK(read_file(merge.options.files[1]) == good_json());
  CHECK_THROWS_AS(Merge({good_json(), good_log()}).run(), UsageError);
  CHECK_THROWS_AS(Merge({good_log(), good_json()}).run(), UsageError);
}

}  // namespace
}  // namespace echo
