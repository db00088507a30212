#include "client/results/compare.h"

#include <doctest/doctest.h>

#include <fstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "client/results/json_report.h"
#include "common/usage_error.h"
#include "tests/client/results/made_result.h"
#include "tests/support/captured_streams.h"
#include "tests/support/json_schema.h"
#include "tests/support/temporary_folder.h"

namespace echo {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::bad_result;
using testing::CapturedStreams;
using testing::good_result;
using testing::read_file;
using testing::run_of;
using testing::schema_faults;
using testing::TemporaryFolder;
using testing::write_file;

using Lines = std::vector<std::string>;

struct Compare {
  std::string add(std::vector<std::string>& side, const std::string& text) {
    side.push_back(folder.file("r" + std::to_string(++files)));
    write_file(side.back(), text);
    return side.back();
  }
  void add_runs(std::vector<std::string>& side, nanoseconds time, int count) {
    for (int i = 0; i < count; ++i) add(side, json_report(run_of(time + i * time / 100)));
  }
  void gate(const char* text) { options.fail.push_back(Threshold::parse(text)); }
  int run() {
    const CapturedStreams streams;
    const int status = run_compare(options);
    output = streams.output();
    errors = streams.errors();
    return status;
  }
  bool prints(const std::string& text) const { return output.find(text) != output.npos; }

  TemporaryFolder folder;
  int files = 0;
  CompareOptions options;
  std::string output;
  std::string errors;
};

// Four runs a side, of which the new ones take so many percent longer.
struct FourRuns : Compare {
  explicit FourRuns(int percent) {
    add_runs(options.base, 10ms, 4);
    add_runs(options.next, 10ms + percent * 100us, 4);
  }
};

json schema() {
  std::ifstream file(COMPARE_SCHEMA);
  return json::parse(file);
}

TEST_CASE("a difference beyond threshold and noise gives status 3") {
  FourRuns compare(20);
  compare.gate("p99>+10%");
  compare.gate("rate<-5%");
  CHECK(compare.run() == 3);
  CHECK(compare.errors == "");
  CHECK(compare.prints("base       4 runs of 127.0.0.1:7007\n"));
  CHECK(compare.prints("+20.0 %  worse\n"));
  CHECK(compare.prints("gate       p99>+10%: failed, +20.0 %, beyond noise\n"));
  CHECK(compare.prints("gate       rate<-5%: passed, 0 %, within noise\n"));
}

TEST_CASE("a smaller difference or none is good") {
  FourRuns more(8);
  more.gate("p99>+10%");
  CHECK(more.run() == 0);
  CHECK(more.prints("p99>+10%: passed, +8.0 %, beyond noise"));
  FourRuns same(0);
  same.gate("p99>+10%");
  CHECK(same.run() == 0);
  CHECK(same.prints("0 %  within noise\n"));
  FourRuns less(-20);
  less.gate("p99>+10%");
  CHECK(less.run() == 0);
  CHECK(less.prints("-20.0 %  better\n"));
}

TEST_CASE("too few runs fail no gate and say so") {
  Compare compare;
  compare.add_runs(compare.options.base, 10ms, 1);
  compare.add_runs(compare.options.next, 20ms, 3);
  compare.gate("p99>+10%");
  CHECK(compare.run() == 0);
  CHECK(compare.prints("base       1 run of 127.0.0.1:7007\n"));
  CHECK(compare.prints("too few runs\n"));
  CHECK(compare.prints("fewer than 4 runs a side cannot show a significant difference: here"));
  CHECK(compare.prints("so that --fail cannot fail"));
}

TEST_CASE("no answer in time is worse than any time") {
  FourRuns compare(0);
  compare.options.next.clear();
  Result mute = bad_result();
  mute.plan = good_result().plan;
  mute.asked_rate = good_result().asked_rate;
  for (int i = 0; i < 4; ++i) compare.add(compare.options.next, json_report(mute));
  compare.gate("p99>+900%");
  CHECK(compare.run() == 3);
  CHECK(compare.prints("p99>+900%: failed, from 10.2ms to failed, beyond noise"));
}

TEST_CASE("unlike settings are refused with their names and values unless forced") {
  FourRuns compare(20);
  Result other = run_of(10ms);
  other.plan.connections = 50;
  const std::string path = compare.add(compare.options.next, json_report(other));
  compare.options.json = compare.folder.file("c.json");
  CHECK(compare.run() == 2);
  CHECK(compare.output == "");
  CHECK(compare.errors == "echoc: " + compare.options.base.front() + " and " + path +
                              " had unlike settings: connections 2 and 50; --force compares them "
                              "all the same\n");
  const json refused = json::parse(read_file(compare.options.json));
  CHECK(schema_faults(schema(), refused) == Lines{});
  CHECK(refused.at("verdict") == "unlike");
  CHECK(refused.at("unlike") == json{"connections 2 and 50"});
  CHECK(refused.at("metrics").empty());

  compare.options.force = true;
  CHECK(compare.run() == 0);
  CHECK(compare.prints("warning    unlike settings: connections 2 and 50\n"));
}

TEST_CASE("every file that is no complete result is named") {
  FourRuns compare(0);
  auto& base = compare.options.base;
  const std::string whole = json_report(good_result());
  Result partial = good_result();
  partial.partial = true;
  Result nothing = good_result();
  nothing.error = "no message was measured";
  const auto line = [](const std::string& path, const char* why) {
    return "echoc: " + path + ": " + why + "\n";
  };
  std::string expected = line(compare.add(base, " \n"), "is empty");
  expected += line(compare.add(base, whole.substr(0, 900)), "is cut short or not JSON");
  expected += line(compare.add(base, json_report(partial)), "is partial: its run was interrupted");
  expected +=
      line(compare.add(base, json_report(nothing)), "measured nothing: no message was measured");
  expected +=
      line(compare.add(base, "{}"), "is not a result of echoc load, or one of an older version");
  base.push_back("/nowhere");
  expected += "echoc: cannot read /nowhere: No such file or directory\n";
  CHECK(compare.run() == 1);
  CHECK(compare.output == "");
  CHECK(compare.errors == expected);
}

TEST_CASE("the JSON of a comparison fits its schema and holds the medians") {
  FourRuns compare(20);
  compare.gate("p99>+10%");
  compare.options.json = compare.folder.file("c.json");
  CHECK(compare.run() == 3);
  const json report = json::parse(read_file(compare.options.json));
  CHECK(schema_faults(schema(), report) == Lines{});
  CHECK(report.at("verdict") == "fail");
  CHECK(report.at("runs") == json{{"base", 4}, {"new", 4}});
  const json& p99 = report.at("metrics").at(2);
  CHECK(p99.at("name") == "p99");
  CHECK(p99.at("base").get<double>() == doctest::Approx(10'150).epsilon(0.002));
  CHECK(p99.at("change").get<double>() == doctest::Approx(0.2).epsilon(0.02));
  CHECK(p99.at("beyond_noise") == true);
  CHECK(p99.at("p").get<double>() == doctest::Approx(2.0 / 70));
}

TEST_CASE("the JSON on standard output takes the place of the text") {
  FourRuns compare(20);
  compare.gate("p99>+10%");
  compare.options.json = "-";
  CHECK(compare.run() == 3);
  CHECK(json::parse(compare.output).at("verdict") == "fail");
  CHECK(compare.errors == "echoc: p99>+10%: failed\n");
}

TEST_CASE("no output replaces an input and standard input is read once") {
  FourRuns compare(0);
  compare.options.json = compare.options.next.back();
  CHECK_THROWS_WITH_AS(compare.run(),
                       (compare.options.json + " and --json " + compare.options.json +
                        " are the same file; each needs its own")
                           .c_str(),
                       UsageError);
  compare.options.json.clear();
  compare.options.base = compare.options.next = {"-"};
  CHECK_THROWS_WITH_AS(compare.run(), "- is given twice: standard input holds one result",
                       UsageError);
}

TEST_CASE("a run that is named twice on one side is told of") {
  FourRuns compare(0);
  const std::string first = compare.options.base.front();
  compare.options.base.back() = first;
  CHECK(compare.run() == 0);
  CHECK(compare.prints("is given twice on one side,"));
  compare.options.base.pop_back();
  const std::string copy = compare.add(compare.options.base, read_file(first));
  compare.options.json = "-";
  CHECK(compare.run() == 0);
  CHECK(json::parse(compare.output).at("warnings") ==
        json::array({copy + " is given twice on one side, as " + first +
                     " too, and is counted as two runs"}));
}

TEST_CASE("Markdown is a table whose cells no name can end") {
  FourRuns compare(20);
  Result named = run_of(10ms);
  named.plan.label = "a|b_c";
  compare.add(compare.options.next, json_report(named));
  compare.options.markdown = true;
  CHECK(compare.run() == 0);
  CHECK(compare.prints("New: 5 runs of 127.0.0.1:7007 (a\\|b\\_c).\n"));
  CHECK(
      compare.prints("| median of runs | base | spread | new | spread | change | |\n"
                     "|---|---:|---:|---:|---:|---:|---|\n"));
  CHECK(compare.prints("| rate | 10.0/s | 0 % | 10.0/s | 0 % | 0 % | within noise |\n"));
}

}  // namespace
}  // namespace echo
