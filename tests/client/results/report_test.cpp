#include "client/results/report.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <iostream>
#include <sstream>
#include <string>

#include "client/results/live.h"
#include "tests/client/results/made_result.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/text.h"

namespace echo {
namespace {

using namespace std::chrono_literals;
using testing::bad_result;
using testing::good_result;
using testing::has;
using testing::judged;

std::size_t longest_line(const std::string& text) {
  std::istringstream lines(text);
  std::size_t longest = 0;
  for (std::string line; std::getline(lines, line);) longest = std::max(longest, line.size());
  return longest;
}

TEST_CASE("the report of a good run reads like this") {
  CHECK(text_report(judged(good_result(), {"p99<1s", "errors<0.1%", "rate>0.98"})) ==
        R"(rate         10.0 messages/s over 10.0s, 100 % of the 10 asked for
throughput   639 B/s (5.11 kbit/s) each way
connections  2 asked, 2 made, 0 failed, 0 lost, 0 reconnected
messages     100 sent, 100 echoed and verified, 0 corrupt, 0 timed out,
             0 lost, 0 unsent
bytes        6,400 sent, 6,400 received
errors       none

                     latency   service_time        connect  send_lateness
count                    100            100              2            100
min                   1.00ms          900us         7.00ms         1.00us
mean                  50.5ms         45.5ms         8.00ms         50.5us
stddev                28.9ms         26.0ms         1.00ms         28.9us
p50                   50.0ms         45.0ms         7.00ms         50.0us
p90                   90.0ms         81.0ms         9.00ms         90.0us
p99                   99.0ms         89.1ms         9.00ms         99.0us
p99.9                  100ms         90.0ms         9.00ms          100us
p99.99                 100ms         90.0ms         9.00ms          100us
max                    100ms         90.0ms         9.00ms          100us

Latency of the answered messages:
 1.00ms -  1.58ms  #                                                   1   1 %
 1.58ms -  2.51ms  #                                                   1   1 %
 2.51ms -  3.98ms  #                                                   1   1 %
 3.98ms -  6.30ms  ####                                                3   3 %
 6.30ms -  10.0ms  #####                                               4   4 %
 10.0ms -  15.8ms  #######                                             5   5 %
 15.8ms -  25.1ms  #############                                      10  10 %
 25.1ms -  39.8ms  ###################                                14  14 %
 39.8ms -  63.0ms  ################################                   24  24 %
 63.0ms -   100ms  #################################################  37  37 %

Latency counts from the moment each message was due, however late it left;
service time from when it left.

limited by   the rate asked for, which was achieved
generator    2 threads, 1.50s of processor time, longest pause 3.00ms
objective    p99<1s: met, 0.0990 s
objective    errors<0.1%: met, 0 %
objective    rate>0.98: met, 1.00 of the rate asked for
)");
}

TEST_CASE("the report of a bad run reads like this") {
  Result result = judged(bad_result(), {"p99<1s", "errors<0.1%"});
  result.plan.no_picture = true;
  CHECK(text_report(result) ==
        R"(rate         16.7 messages/s over 6.00s, 88 % of the 19 asked for
throughput   1.06 kB/s (8.50 kbit/s) each way
connections  3 asked, 2 made, 1 failed, 2 lost, 2 reconnected
messages     109 sent, 100 echoed and verified, 2 corrupt, 4 timed out,
             3 lost, 5 unsent
bytes        6,400 sent, 6,400 received
errors       17, 15 % of the messages due and connections asked for
  by cause   1 refused, 2 peer_reset, 4 timeout
corrupt      connection 1, message 3: byte 17 of 64 is 0xa5 instead of 0xa1
corrupt      connection 2, behind message 9: a byte 0x42 that was never sent

                     latency   service_time        connect  send_lateness
count                    100            100              2            100
min                   1.00ms          900us         7.00ms         1.00us
mean                  50.5ms         45.5ms         8.00ms         50.5us
stddev                28.9ms         26.0ms         1.00ms         28.9us
p50                   50.0ms         45.0ms         7.00ms         50.0us
p90                   90.0ms         81.0ms         9.00ms         90.0us
p99                   99.0ms         89.1ms         9.00ms         99.0us
p99.9                  100ms         90.0ms         9.00ms          100us
p99.99                 100ms         90.0ms         9.00ms          100us
max                    100ms         90.0ms         9.00ms          100us

Latency counts from the moment each message was due, however late it left;
service time from when it left.

limited by   the server and the way to it
generator    2 threads, 1.50s of processor time, longest pause 3.00ms
warning      5 messages were due and never sent because no connection was
             free: among the errors, not in the times
warning      7 messages were not answered: among the errors, not in the times
objective    p99<1s: missed, 12 % had no answer
objective    errors<0.1%: missed, 14.5 %
)");
}

TEST_CASE("the documentation shows a report as it is") {
  const Result result = judged(testing::sample_result(), {"p99<5ms", "errors<0.1%"});
  const std::string shown =
      "```text\n" + run_header(result.plan) + "\n" + text_report(result, {.utf8 = true}) + "```\n";
  CAPTURE(shown);
  CHECK(has(testing::read_file(LOAD_PAGE), shown));
}

TEST_CASE("no line of a report is wider than a terminal") {
  Result result = judged(bad_result(), {"send_lateness.p99.9999<123456ms"});
  for_each_counter(result.counters, [](auto, auto, auto& count) { count = 123'456'789'012; });
  result.remarks = {std::string(60, 'x') + " " + std::string(60, 'y')};
  CHECK(longest_line(text_report(result)) <= 78);
  result.asked_rate = 0;
  CHECK(longest_line(text_report(result)) <= 78);
}

TEST_CASE("a report has marks and colours if its reader can show them") {
  const Result result = judged(bad_result(), {"p99<1s", "min<1s"});
  const std::string plain = text_report(result);
  CHECK_FALSE(has(plain, "\x1b"));
  CHECK(std::ranges::all_of(plain, [](char letter) { return letter >= 0; }));
  const std::string text = text_report(result, {.utf8 = true, .colour = true});
  CHECK(has(text, "\n\x1b[31mobjective  ✗ p99<1s: missed, 12 % had no answer\x1b[0m\n"));
  CHECK(has(text, "\n\x1b[32mobjective  ✓ min<1s: met, "));
  CHECK(has(text, "\n\x1b[31merrors       17, "));
  CHECK(has(text, "\n\x1b[33mwarning      5 messages were due"));
  CHECK_FALSE(has(text_report(good_result(), {.colour = true}), "\x1b"));
}

TEST_CASE("a report has no picture where nothing was answered or none is wanted") {
  Result result = good_result();
  CHECK(has(text_report(result), "\nLatency of the answered messages:\n"));
  result.plan.no_picture = true;
  CHECK_FALSE(has(text_report(result), "\nLatency of the answered messages:\n"));
  CHECK_FALSE(has(text_report(Result()), "\nLatency of the answered messages:\n"));
}

TEST_CASE("what was not measured is a dash") {
  const std::string text = text_report(Result());
  CHECK(has(text, "\ncount                      0\n"));
  CHECK(has(text, "\nmin                        -\n"));
  CHECK(has(text, "\np99                        -\n"));
  CHECK_FALSE(has(text, "0.00us\n"));
}

TEST_CASE("an interruption and what was unanswered then are named") {
  Result result = good_result();
  result.partial = true;
  result.counters.messages.in_flight = 3;
  result.counters.messages.waited = 4;
  const std::string text = text_report(result);
  CHECK(text.starts_with("PARTIAL: interrupted before the work was done\n"));
  CHECK(has(text, "4 waited for a connection"));
  CHECK(has(text, "3 unanswered at the interruption"));
}

TEST_CASE("a closed loop says that it hides stalls") {
  Result result = good_result();
  result.asked_rate = 0;
  result.duration = 10s;
  const std::string text = text_report(result);
  CHECK(text.starts_with("rate         10.0 messages/s over 10.0s\n"));
  CHECK(has(text, "\nClosed loop: each connection waits for its answer"));
  CHECK(has(text, "\nlimited by   the server and the way to it\n"));
}

TEST_CASE("a rate below one per second is over the time that the run took") {
  Result result = good_result();
  result.asked_rate = 0.5;
  result.counters.messages.echoed = 2;
  result.plan.duration = 3s;
  result.duration = 3'001ms;
  result.scheduled = 4s;
  CHECK(text_report(result).starts_with(
      "rate         0.5 messages/s over 3.00s, 100 % of the 0.5 asked for\n"));
}

TEST_CASE("bytes that would do something to a terminal are written out") {
  Result result = good_result();
  result.generators = 2;
  result.target = "unix:/tmp/\x1b[31m";
  CHECK(has(text_report(result), "merged       2 results of unix:/tmp/\\x1b[31m\n"));
}

TEST_CASE("a report of times only says so first and nothing of counters") {
  Result result = good_result();
  result.times_only = true;
  const std::string text = text_report(result);
  CHECK(text.starts_with("times only: "));
  CHECK_FALSE(has(text, "messages "));
  CHECK_FALSE(has(text, "limited by"));
}

}  // namespace
}  // namespace echo
