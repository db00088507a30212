#include "client/results/outputs.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <stdexcept>
#include <string>

#include <nlohmann/json.hpp>

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

struct Printed {
  int status = 0;
  std::string output;
  std::string errors;
};

// What a run with this plan and result prints, from its start to its end.
Printed run(LoadPlan plan, Result result, const std::string& output = {}) {
  plan.address = result.plan.address;
  plan.connections = result.plan.connections;
  result.plan = plan;
  const CapturedStreams streams(output);
  Outputs outputs(plan);
  outputs.begin(result.started);
  for (const Interval& interval : result.intervals) {
    outputs.add(interval, result.histogram(Metric::latency));
  }
  const int status = outputs.finish(result, -1);
  return {status, streams.output(), streams.errors()};
}

LoadPlan with_objectives(std::initializer_list<const char*> objectives) {
  LoadPlan plan;
  for (const char* text : objectives) plan.objectives.push_back(Objective::parse(text));
  return plan;
}

TEST_CASE("the report is printed and nothing else") {
  const Printed printed = run(with_objectives({"p99<1us"}), good_result());
  CHECK(printed.status == 3);
  CHECK(printed.errors == "");
  CHECK(printed.output.find(" p99<1us: missed, 99") != std::string::npos);
}

TEST_CASE("a quiet run prints the objectives that were missed on standard error") {
  LoadPlan plan = with_objectives({"p99<1us", "p50<1s", "errors<1"});
  plan.quiet = true;
  const Printed printed = run(plan, bad_result());
  CHECK(printed.status == 4);
  CHECK(printed.output == "");
  CHECK(printed.errors ==
        "echoc: 2 messages came back wrong\n"
        "echoc: p99<1us: missed, 12 % had no answer\n"
        "echoc: errors<1: missed, 17\n");
}

TEST_CASE(
    "an output in place of the report sends warnings and missed objectives to standard error") {
  LoadPlan plan = with_objectives({"p99<1us"});
  plan.json = "-";
  Result result = good_result();
  result.counters.messages.lost = 1;
  const Printed printed = run(plan, result);
  CHECK(printed.status == 1);
  CHECK(nlohmann::json::parse(printed.output).at("messages").at("lost") == 1);
  CHECK(printed.errors ==
        "echoc: warning: 1 message was not answered: among the errors, not in the times\n"
        "echoc: p99<1us: missed, 100000 us\n");
}

TEST_CASE("any one output takes the place of the report") {
  for (auto member : {&LoadPlan::csv, &LoadPlan::hlog, &LoadPlan::hgrm}) {
    LoadPlan plan;
    plan.*member = "-";
    const Printed printed = run(plan, good_result());
    CHECK(printed.status == 0);
    CHECK(printed.errors == "");
    CHECK(printed.output.size() > 300);
    CHECK(printed.output.find("echoed and verified") == std::string::npos);
  }
}

TEST_CASE("rows of intervals add up and what was not measured is an empty cell") {
  const TemporaryFolder folder;
  LoadPlan plan;
  plan.csv = folder.file("csv");
  Result result = bad_result();
  result.intervals.resize(1);
  result.intervals.push_back({.start = 1s, .length = 1s, .errors = 3, .unsent = 2});
  run(plan, result);
  CHECK(read_file(plan.csv) ==
        "at_s,echoed,rate,p50,p99,max,errors,connections,unsent\n"
        "0.600,10,16.667,50000.000,99000.000,100000.000,12,2,5\n"
        "2.000,0,0.000,,,,3,0,2\n");
}

TEST_CASE("a row of a file says what was known of its interval at the end") {
  const TemporaryFolder folder;
  LoadPlan plan;
  plan.csv = folder.file("csv");
  Result result = bad_result();
  const CapturedStreams streams;
  Outputs outputs(plan);
  outputs.begin(result.started);
  result.intervals = {{.length = 1s, .connections = 2}};
  outputs.add(result.intervals.front(), Histogram());
  result.intervals.front().errors = result.intervals.front().unsent = 7;
  outputs.finish(result, -1);
  CHECK(read_file(plan.csv).ends_with("\n1.000,0,0.000,,,,7,2,7\n"));
}

TEST_CASE("wrong bytes are told even if they are all that came") {
  Result result;
  result.partial = true;
  result.counters.messages.corrupt_in_warmup = 2;
  const Printed printed = run({}, result);
  CHECK(printed.status == 4);
  CHECK(printed.errors ==
        "echoc: interrupted before a message was measured\n"
        "echoc: 2 messages came back wrong\n");
}

TEST_CASE("a run that measured nothing leaves its files as they were and says why") {
  const TemporaryFolder folder;
  LoadPlan plan;
  plan.json = folder.file("json");
  plan.csv = folder.file("csv");
  plan.hlog = folder.file("hlog");
  plan.hgrm = folder.file("hgrm");
  write_file(plan.json, "old");
  Result result;
  result.error = "cannot connect";
  const Printed printed = run(plan, result);
  CHECK(printed.status == 1);
  CHECK(printed.output == "");
  CHECK(printed.errors == "echoc: cannot connect\n");
  CHECK(read_file(plan.json) == "old");
  CHECK_FALSE(std::filesystem::exists(plan.csv));
  CHECK_FALSE(std::filesystem::exists(plan.hlog));
  CHECK_FALSE(std::filesystem::exists(plan.hgrm));
}

TEST_CASE("a run that measured nothing still has an object on standard output") {
  LoadPlan plan;
  plan.json = "-";
  const Printed printed = run(plan, Result());
  CHECK(printed.status == 1);
  CHECK(nlohmann::json::parse(printed.output).at("error") == "no message was measured");
  CHECK(printed.errors == "echoc: no message was measured\n");
  Result interrupted;
  interrupted.partial = true;
  CHECK(run(plan, interrupted).status == 130);
  CHECK(run(plan, interrupted).errors == "echoc: interrupted before a message was measured\n");
}

TEST_CASE("a file that cannot be written is refused before the run") {
  LoadPlan plan;
  plan.json = "/nonexistent/x";
  CHECK_THROWS_WITH_AS(Outputs{plan}, "cannot write /nonexistent/x: No such file or directory",
                       std::runtime_error);
  plan = LoadPlan();
  plan.csv = "/dev/full";
  Outputs outputs(plan);
  CHECK_THROWS_WITH_AS(outputs.begin({}), "cannot write /dev/full: No space left on device",
                       std::runtime_error);
}

TEST_CASE("an output that fails costs a line and neither the report nor the others") {
  const TemporaryFolder folder;
  LoadPlan plan;
  plan.json = "/dev/full";
  plan.hgrm = folder.file("hgrm");
  const Printed printed = run(plan, good_result());
  CHECK(printed.status == 1);
  CHECK(printed.errors == "echoc: cannot write /dev/full: No space left on device\n");
  CHECK(printed.output.find("100 echoed and verified") != std::string::npos);
  CHECK(read_file(plan.hgrm).size() > 300);
}

TEST_CASE("an output that fails does not hide a worse status") {
  LoadPlan plan = with_objectives({"p99<1us"});
  plan.json = "/dev/full";
  CHECK(run(plan, good_result()).status == 3);
  CHECK(run(plan, bad_result()).status == 4);
  Result partial = good_result();
  partial.partial = true;
  CHECK(run(plan, partial).status == 130);
}

TEST_CASE("what a report that cannot be printed would have said goes to standard error") {
  const Printed printed = run(with_objectives({"p99<1us"}), bad_result(), "/dev/full");
  CHECK(printed.status == 4);
  CHECK(printed.errors.find("cannot write to standard output: No space left on device\n") !=
        std::string::npos);
  CHECK(printed.errors.find("echoc: 2 messages came back wrong\n"
                            "echoc: p99<1us: missed, 12 % had no answer\n") != std::string::npos);
  CHECK(run({}, good_result(), "/dev/full").status == 1);
}

std::string plan_refusal(const LoadPlan& plan, const std::vector<std::string>& inputs = {}) {
  try {
    const Outputs outputs(plan, inputs);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "accepted";
}

TEST_CASE("two outputs on one file are refused and nothing is written") {
  const TemporaryFolder folder;
  const std::string file = folder.file("x");
  LoadPlan plan;
  plan.json = file;
  plan.csv = file;
  const std::string expected =
      "--json " + file + " and --csv " + file + " are the same file; each needs its own";
  CHECK(plan_refusal(plan) == expected);
  write_file(file, "old");
  CHECK(plan_refusal(plan) == expected);
  plan.json = plan.csv = "/dev/null";
  CHECK(plan_refusal(plan) == "accepted");
  plan.json = plan.csv = "-";
  CHECK(plan_refusal(plan) == "--json - and --csv - are the same file; each needs its own");
  CHECK(read_file(file) == "old");
}

TEST_CASE("an output on the file that standard output is fails unless it takes its place") {
  const TemporaryFolder folder;
  const std::string file = folder.file("x");
  LoadPlan plan;
  plan.json = file;
  std::string loud;
  std::string quiet;
  {
    const CapturedStreams streams(file);
    loud = plan_refusal(plan);
    plan.quiet = true;
    quiet = plan_refusal(plan);
  }
  CHECK(loud == "--json " + file +
                    " and the report on standard output are the same file; each needs its own");
  CHECK(quiet == "accepted");
}

TEST_CASE("an output that is an input is refused") {
  const TemporaryFolder folder;
  write_file(folder.file("a"), "old");
  LoadPlan plan;
  plan.hgrm = folder.file("a");
  CHECK(plan_refusal(plan, {folder.file("a")}) == folder.file("a") + " and --hgrm " +
                                                      folder.file("a") +
                                                      " are the same file; each needs its own");
  CHECK(read_file(folder.file("a")) == "old");
}

}  // namespace
}  // namespace echo
