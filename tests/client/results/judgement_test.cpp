#include "client/results/judgement.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/client/results/made_result.h"

namespace echo {
namespace {

using namespace std::chrono_literals;
using testing::bad_result;
using testing::good_result;
using testing::judged;

std::string line(const std::string& objective, const Result& result) {
  return judge(Objective::parse(objective), result).line();
}

TEST_CASE("times are judged by percentile or statistic and shown in the unit of the limit") {
  const Result result = good_result();
  CHECK(line("p50<51ms", result) == "p50<51ms: met, 50.0 ms");
  CHECK(line("p50<0.05s", result) == "p50<0.05s: missed, 0.050004 s");
  CHECK(line("p99.9>=100ms", result) == "p99.9>=100ms: met, 100 ms");
  CHECK(line("min<=1ms", result) == "min<=1ms: met, 1.00 ms");
  CHECK(line("mean<51ms", result) == "mean<51ms: met, 50.5 ms");
  CHECK(line("max<100ms", result) == "max<100ms: missed, 100 ms");
  CHECK(line("max<=100000us", result) == "max<=100000us: met, 100000 us");
  CHECK(line("latency.max<101ms", result) == "latency.max<101ms: met, 100 ms");
  CHECK(line("connect.max<9ms", result) == "connect.max<9ms: missed, 9.00 ms");
  CHECK(line("send_lateness.max<1ms", result) == "send_lateness.max<1ms: met, 0.100 ms");
}

TEST_CASE("a value so near the limit that digits hide the verdict has more of them") {
  Result result = good_result();
  result.histogram(Metric::latency).clear();
  result.histogram(Metric::latency).record(5'000'300ns);
  CHECK(line("max<5ms", result) == "max<5ms: missed, 5.0003 ms");
  CHECK(line("max<1h", result) == "max<1h: met, 0.00000139 h");
}

// 100 answered and 14 not: rank 100 of 114 is the last that has a time.
TEST_CASE("messages without a right answer rank above every limit") {
  const Result result = bad_result();
  CHECK(line("p87.7<1h", result).starts_with("p87.7<1h: met, 0.0000278 h"));
  CHECK(line("p87.8<1h", result) == "p87.8<1h: missed, 12 % had no answer");
  CHECK(line("p99<1h", result) == "p99<1h: missed, 12 % had no answer");
  CHECK(line("max<1h", result) == "max<1h: missed, 12 % had no answer");
  CHECK(line("max>1us", result) == "max>1us: missed, 12 % had no answer");
  CHECK(line("mean<1h", result) == "mean<1h: missed, 12 % had no answer");
  CHECK(line("service_time.p99<1h", result) == "service_time.p99<1h: missed, 12 % had no answer");
  CHECK_FALSE(judge(Objective::parse("p99<1h"), result).value.has_value());
  CHECK(judge(Objective::parse("p50<1h"), result).value == 57'016.319);
}

TEST_CASE("each kind of failed message alone spoils the maximum") {
  const auto verdict = [](auto change) {
    Result result = good_result();
    change(result.counters.messages);
    return judge(Objective::parse("max<1h"), result).met;
  };
  CHECK(verdict([](auto&) {}));
  CHECK_FALSE(verdict([](auto& messages) { messages.unsent = 1; }));
  CHECK_FALSE(verdict([](auto& messages) { messages.timed_out = 1; }));
  CHECK_FALSE(verdict([](auto& messages) { messages.lost = 1; }));
  CHECK_FALSE(verdict([](auto& messages) { messages.corrupt = 1; }));
}

TEST_CASE("connections that could not be made rank above every limit of the connect times") {
  CHECK(line("connect.p99<1h", bad_result()) == "connect.p99<1h: missed, 33 % could not be made");
  CHECK(line("connect.p50<1s", bad_result()) == "connect.p50<1s: met, 0.00900 s");
}

TEST_CASE("messages that never left rank above every limit of the lateness and others do not") {
  CHECK(line("send_lateness.max<1s", bad_result()) ==
        "send_lateness.max<1s: missed, 4.8 % were never sent");
  Result result = bad_result();
  result.counters.messages.unsent = 0;
  CHECK(line("send_lateness.max<1s", result) == "send_lateness.max<1s: met, 0.000100 s");
}

TEST_CASE("errors are judged by number or share of what was due and asked for") {
  CHECK(line("errors<18", bad_result()) == "errors<18: met, 17");
  CHECK(line("errors<17", bad_result()) == "errors<17: missed, 17");
  CHECK(line("errors<14.6%", bad_result()) == "errors<14.6%: met, 14.5 %");
  CHECK(line("errors<14.5%", bad_result()) == "errors<14.5%: missed, 14.53 %");
  CHECK(line("errors<0.1%", good_result()) == "errors<0.1%: met, 0 %");
}

TEST_CASE("the rate is judged by messages per second or a share of the asked one") {
  Result result = good_result();
  result.asked_rate = 1000;
  result.counters.messages.echoed = 9'989;
  CHECK(line("rate>998", result) == "rate>998: met, 999/s");
  CHECK(line("rate>998.95", result) == "rate>998.95: missed, 998.9/s");
  CHECK(line("rate>0.999", result) == "rate>0.999: missed, 0.9989 of the rate asked for");
  CHECK(judge(Objective::parse("rate>0.999"), result).value == 0.9989);
}

TEST_CASE("nothing is met where nothing was measured") {
  for (const char* text : {"p99<1h", "max>0us", "errors<1", "errors<100%", "rate>=0", "mean<1h"}) {
    CAPTURE(text);
    CHECK_FALSE(judge(Objective::parse(text), Result()).met);
    CHECK(line(text, Result()).ends_with(": missed, no message measured"));
  }
  Result silent = good_result();
  silent.histogram(Metric::latency).clear();
  silent.counters.messages.echoed = 0;
  silent.counters.messages.timed_out = 100;
  CHECK(line("p99<1h", silent) == "p99<1h: missed, 100 % had no answer");
  CHECK_FALSE(judge(Objective::parse("errors<=100%"), silent).met);
}

TEST_CASE("the exit status tells the most serious first") {
  Result all = judged(bad_result(), {"p99<1us"});
  all.partial = true;
  CHECK(exit_status(all) == 4);
  all.counters.messages.corrupt = 0;
  CHECK(exit_status(all) == 130);
  all.partial = false;
  CHECK(exit_status(all) == 1);
  CHECK(exit_status(judged(good_result(), {"p99<1us"})) == 3);
  CHECK(exit_status(judged(good_result(), {"p99<1h", "errors<1"})) == 0);
  CHECK(exit_status(good_result()) == 0);
}

TEST_CASE("every kind of error fails a run without an objective on errors") {
  const auto status = [](auto change) {
    Result result = good_result();
    change(result.counters);
    return exit_status(result);
  };
  CHECK(status([](auto& counters) { counters.messages.unsent = 1; }) == 1);
  CHECK(status([](auto& counters) { counters.messages.timed_out = 1; }) == 1);
  CHECK(status([](auto& counters) { counters.messages.lost = 1; }) == 1);
  CHECK(status([](auto& counters) { counters.connections.failed = 1; }) == 1);
  CHECK(status([](auto& counters) { counters.connections.lost = 1; }) == 1);
}

TEST_CASE("an objective on errors alone judges failures") {
  Result result = bad_result();
  result.counters.messages.corrupt = 0;
  CHECK(exit_status(judged(result, {"errors<16"})) == 0);
  CHECK(exit_status(judged(result, {"errors<100%"})) == 0);
  CHECK(exit_status(judged(result, {"errors<15"})) == 3);
  CHECK(exit_status(judged(result, {"errors<16", "p99<1h"})) == 3);
  CHECK(exit_status(judged(bad_result(), {"errors<100%"})) == 4);
}

TEST_CASE("a run that measured nothing is never good") {
  CHECK(exit_status(Result()) == 1);
  CHECK(exit_status(judged(Result(), {"errors<1"})) == 3);
  Result interrupted;
  interrupted.partial = true;
  CHECK(exit_status(interrupted) == 130);
}

TEST_CASE("a search is good only if it came to its end and found the rate required") {
  Result result = good_result();
  const auto status = [&](double rate, bool complete) {
    result.found_rate = FoundRate();
    result.found_rate->required = 100;
    result.found_rate->rate = rate;
    result.found_rate->complete = complete;
    return exit_status(result);
  };
  CHECK(status(100, true) == 0);
  CHECK(status(99, true) == 3);
  CHECK(status(0, true) == 3);
  CHECK(status(100, false) == 1);
  CHECK(status(0, false) == 1);
}

TEST_CASE("a rate required is found where it was asked for and met") {
  FoundRate found;
  found.required = 100;
  found.rate = 99.9;
  found.confirmed = true;
  RateTrial trial;
  trial.asked = 100;
  trial.achieved = 99.9;
  trial.verdict = TrialVerdict::met;
  found.trials = {trial};
  CHECK_FALSE(found.satisfies());  // the trial alone, before a long run of less
  trial.confirming = true;
  found.trials.push_back(trial);
  CHECK(found.satisfies());
  found.trials.back().verdict = TrialVerdict::missed;
  CHECK_FALSE(found.satisfies());
}

}  // namespace
}  // namespace echo
