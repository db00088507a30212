#include "client/results/merged_result.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "client/results/hlog.h"
#include "client/results/json_report.h"
#include "common/usage_error.h"
#include "tests/client/results/identities.h"
#include "tests/client/results/made_result.h"
#include "tests/support/temporary_folder.h"

namespace echo {
namespace {

using namespace std::chrono_literals;
using testing::bad_result;
using testing::good_result;
using testing::TemporaryFolder;
using testing::write_file;

using Lines = std::vector<std::string>;

struct Files {
  void add(const std::string& name, const std::string& text) {
    write_file(folder.file(name), text);
    merged.add_file(folder.file(name));
  }
  std::string path(const std::string& name) const { return folder.file(name); }

  TemporaryFolder folder;
  MergedResult merged;
};

std::string log_of(const Result& result, bool open_loop = true) {
  std::string text = hlog_header(result.started, open_loop);
  text += hlog_row("", 0s, 5s, result.histogram(Metric::latency));
  text += hlog_row("connect", 0s, 5s, result.histogram(Metric::connect));
  return text;
}

TEST_CASE("merged results are what one run with all their messages would have told") {
  Files files;
  Result slower = bad_result();
  slower.started += 1s;
  slower.histogram(Metric::latency).record(3s);
  ++slower.counters.messages.sent;
  ++slower.counters.messages.echoed;
  slower.histogram(Metric::service_time).record(3s);
  slower.longest_wait = 43ms;
  Result first = good_result();
  first.longest_wait = 7ms;
  files.add("a", json_report(first));
  files.add("b", json_report(slower));
  CHECK(files.merged.problems() == Lines{});
  CHECK(files.merged.kind() == MergedResult::Kind::json);

  const Result& sum = files.merged.result();
  CHECK(sum.generators == 2);
  CHECK(sum.counters.messages.echoed == 201);
  CHECK(failures(sum.counters) == 17);
  CHECK(sum.histogram(Metric::latency).count() == 201);
  CHECK(sum.histogram(Metric::latency).max() == 3s);
  CHECK(sum.histogram(Metric::latency).mean() == doctest::Approx((2 * 5050e6 + 3e9) / 201));
  CHECK(sum.latency_without_echoc.count() == 200);
  CHECK(sum.asked_rate == doctest::Approx(29));
  CHECK(sum.scheduled == 10s);
  CHECK(sum.duration == 10'020ms);
  CHECK(sum.plan.connections == 4);
  CHECK(sum.target == "127.0.0.1:7007");
  CHECK(sum.addresses.size() == 1);
  CHECK(sum.addresses.front().connections == 4);
  CHECK(sum.generator.threads == 4);
  CHECK(sum.generator.cpu == 3s);
  CHECK(sum.generator.longest_pause == 3ms);
  CHECK(sum.longest_wait == 43ms);
  CHECK(sum.corruptions.size() == 2);
  CHECK(sum.remarks == Lines{});
  const auto report = nlohmann::json::parse(json_report(sum));
  CHECK(report.at("generators") == 2);
  testing::check_identities(report);
}

TEST_CASE("merging does not depend on the order nor on what was merged before") {
  Files one_by_one;
  Result other = good_result();
  other.target = "other:7";
  for (const auto& result : {good_result(), other, bad_result()}) {
    one_by_one.add("x", json_report(result));
  }
  Files two;
  two.add("a", json_report(other));
  two.add("b", json_report(bad_result()));
  Files in_two_steps;
  in_two_steps.add("ab", json_report(two.merged.result()));
  in_two_steps.add("c", json_report(good_result()));
  Result first = one_by_one.merged.result();
  Result second = in_two_steps.merged.result();
  CHECK(second.target == "other:7, 127.0.0.1:7007");
  CHECK(second.generators == 3);
  second.target = first.target;
  CHECK(json_report(first) == json_report(second));
}

TEST_CASE("generators with schedules of their own are asked for what they were asked for") {
  Files files;
  Result longer = good_result();
  longer.scheduled = 3 * longer.scheduled;
  longer.counters.messages.sent *= 3;
  longer.counters.messages.echoed *= 3;
  files.add("a", json_report(good_result()));
  files.add("b", json_report(longer));
  const Result& sum = files.merged.result();
  CHECK(sum.achieved_rate() == doctest::Approx(20));
  CHECK(sum.asked_rate == doctest::Approx(20));
}

TEST_CASE("an interrupted part makes the sum partial") {
  Files files;
  Result partial = good_result();
  partial.partial = true;
  files.add("a", json_report(good_result()));
  files.add("b", json_report(partial));
  CHECK(files.merged.result().partial);
}

TEST_CASE("results that do not measure the same are merged with a remark") {
  Files files;
  Result other = good_result();
  other.plan.largest = other.plan.smallest = 512;
  other.started += 1h;
  files.add("a", json_report(good_result()));
  files.add("b", json_report(other));
  const std::string a = files.path("a");
  const std::string b = files.path("b");
  CHECK(files.merged.result().remarks ==
        Lines{a + " has size_max 64 and " + b + " 512: they do not measure the same",
              a + " has size_min 64 and " + b + " 512: they do not measure the same",
              b + " did not run at the same time as the others: their rates are added all the "
                  "same"});
}

TEST_CASE("results of an open and of a closed loop cannot be merged") {
  Files files;
  Result closed = good_result();
  closed.asked_rate = 0;
  files.add("a", json_report(good_result()));
  CHECK_THROWS_WITH_AS(files.add("b", json_report(closed)),
                       (files.path("a") + " is of an open loop and " + files.path("b") +
                        " of a closed one: they cannot be merged")
                           .c_str(),
                       UsageError);
}

TEST_CASE("a file that is missing or empty or cut or foreign is named and the others are merged") {
  Files files;
  files.add("good", json_report(good_result()));
  files.merged.add_file(files.path("none"));
  files.merged.add_file(files.folder.path());
  std::ofstream(files.path("endless")).flush();
  std::filesystem::resize_file(files.path("endless"), (1ULL << 30) + 1);
  files.merged.add_file(files.path("endless"));
  files.add("empty", " \n");
  files.add("cut", json_report(good_result()).substr(0, 1000));
  files.add("foreign", "{\"a\": 1}");
  Result nothing;
  nothing.error = "cannot connect";
  files.add("nothing", json_report(nothing));
  CHECK(files.merged.problems() ==
        Lines{"cannot read " + files.path("none") + ": No such file or directory",
              "cannot read " + files.folder.path() + ": Is a directory",
              "cannot read " + files.path("endless") +
                  ": larger than 1 GiB, and so no result of load",
              files.path("empty") + ": is empty", files.path("cut") + ": is cut short or not JSON",
              files.path("foreign") + ": is not a result of echoc load, or one of an older version",
              files.path("nothing") + ": measured nothing: cannot connect"});
  CHECK(files.merged.result().generators == 1);
}

TEST_CASE("a mark of UTF-8 before a result does not make it a log") {
  Files files;
  files.add("a", json_report(good_result()));
  files.add("b", "\xef\xbb\xbf" + json_report(bad_result()));
  CHECK(files.merged.problems() == Lines{});
  CHECK(files.merged.result().generators == 2);
}

TEST_CASE("sums that overflow are refused and change nothing") {
  Files files;
  Result most = good_result();
  most.counters.bytes.sent = ~std::uint64_t{0};
  files.add("a", json_report(good_result()));
  files.add("b", json_report(most));
  CHECK(files.merged.problems() ==
        Lines{files.path("b") + ": more messages or connections than can be counted"});
  CHECK(files.merged.result().counters.messages.echoed == 100);
  CHECK(files.merged.result().generators == 1);
}

TEST_CASE("logs give their times alone") {
  Files files;
  files.add("a", log_of(good_result()));
  Result other = good_result();
  other.started += 1s;
  files.add("b", log_of(other));
  CHECK(files.merged.kind() == MergedResult::Kind::hlog);
  const Result& sum = files.merged.result();
  CHECK(sum.times_only);
  CHECK(sum.histogram(Metric::latency).count() == 200);
  CHECK(sum.histogram(Metric::connect).count() == 4);
  CHECK(sum.remarks == Lines{});
  CHECK(files.merged.problems() == Lines{});
}

TEST_CASE("logs of an open and of a closed loop are merged with a remark") {
  Files files;
  files.add("a", log_of(good_result()));
  files.add("b", log_of(good_result(), false));
  CHECK(files.merged.result().remarks ==
        Lines{files.path("b") + " is of another kind of loop than the files before it: their "
                                "latencies do not mean the same"});
}

TEST_CASE("a log that ends before its connect times was cut short") {
  Files files;
  files.add("a", hlog_header(good_result().started, true) +
                     hlog_row("", 0s, 5s, good_result().histogram(Metric::latency)));
  CHECK(files.merged.result().remarks ==
        Lines{files.path("a") + " holds the latency only: its run was cut short"});
}

TEST_CASE("rows with a foreign tag are left out and named") {
  Files files;
  files.add("a", log_of(good_result()) +
                     hlog_row("other", 0s, 5s, good_result().histogram(Metric::latency)));
  CHECK(files.merged.result().histogram(Metric::latency).count() == 100);
  CHECK(files.merged.problems() ==
        Lines{files.path("a") + ": 100 values are left out: 'other' is not a "
                                "time of echoc"});
}

TEST_CASE("a log without a histogram or with one that is cut is named") {
  Files files;
  files.add("a", hlog_header(good_result().started, true));
  files.add("b", "# a comment\n");
  files.add("c", "rubbish\n");
  const std::string log = log_of(good_result());
  files.add("d", log.substr(0, log.size() - 10));
  CHECK(files.merged.problems().size() == 4);
  CHECK(files.merged.problems()[0] == files.path("a") + ": holds no histogram");
  CHECK(files.merged.problems()[1] == files.path("b") + ": holds no histogram");
  CHECK(files.merged.problems()[2] == files.path("c") + ": line 1: fewer than four columns");
  CHECK(files.merged.problems()[3].starts_with(files.path("d") + ": line 7: "));
  CHECK(files.merged.kind() == MergedResult::Kind::none);
}

TEST_CASE("results and logs cannot be merged with each other") {
  Files files;
  files.add("a", json_report(good_result()));
  write_file(files.path("b"), log_of(good_result()));
  CHECK_THROWS_AS(files.merged.add_file(files.path("b")), UsageError);
}

}  // namespace
}  // namespace echo
