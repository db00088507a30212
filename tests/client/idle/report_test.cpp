#include "client/idle/report.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "client/idle/advice.h"
#include "client/idle/countdown.h"
#include "tests/client/idle/made_findings.h"
#include "tests/support/text.h"

namespace echo::testing {
namespace {

using idle::gap_text;

std::size_t widest(const std::string& text) {
  std::istringstream lines(text);
  std::size_t width = 0;
  for (std::string line; std::getline(lines, line);) width = std::max(width, line.size());
  return width;
}

// All that is said of a result, without line breaks.
std::string said(const idle::Result& result) {
  std::string text;
  for (const std::string& part : idle::advice(result.options, result.targets.front())) {
    text += part + ' ';
  }
  for (const std::string& part : idle::warnings(result)) text += part + ' ';
  return text;
}

TEST_CASE("a silence is written as users write it") {
  CHECK(gap_text(30s) == "30s");
  CHECK(gap_text(4min) == "4m");
  CHECK(gap_text(350s) == "350s");
  CHECK(gap_text(22917ms) == "22.917s");
  CHECK(gap_text(25003ms) == "25.003s");
  CHECK(gap_text(7200'449ms) == "7200.4s");
  CHECK(gap_text(1500ms) == "1.5s");
  CHECK(gap_text(500'400us) == "500ms");
}

TEST_CASE("a report has a row for each gap and what the bounds are") {
  auto result =
      made_result({spoke(30s, Verdict::alive), spoke(60s, Verdict::alive),
                   spoke(4min, Verdict::reset_on_speaking), spoke(350s, Verdict::no_answer, 5s)});
  const std::string text = idle::report_text(result);
  CHECK(
      text.starts_with("\n192.0.2.1:7007\n"
                       "  silence   verdict                after\n"
                       "  30s       alive                 30.0 s\n"
                       "  1m        alive                 60.0 s\n"
                       "  4m        reset on speaking    240.0 s\n"
                       "  350s      no answer            355.0 s  nothing was acknowledged\n"
                       "\n"
                       "  A silence of 1m survives, one of 4m does not.\n"));
  CHECK(widest(text) <= 78);
}

TEST_CASE("a box that forgets is cured by keepalive or by its own limit") {
  for (const Verdict verdict : {Verdict::reset, Verdict::reset_on_speaking, Verdict::no_answer}) {
    const std::string text = said(made_result({spoke(60s, Verdict::alive), spoke(4min, verdict)}));
    has_text(text, verdict == Verdict::reset
                       ? "A TCP keepalive of 1m or less may hold it: echod --keepalive 1m;"
                       : "A TCP keepalive of 1m or less would hold it: echod --keepalive 1m;");
    has_text(text, "net.ipv4.tcp_keepalive_time=60 ");
    has_text(text, "TCP_KEEPIDLE");
    has_text(text, "nf_conntrack_tcp_timeout_established");
    has_text(text, "echoc idle --keepalive 1m");
  }
}

TEST_CASE("without a survivor half of what kills is advised") {
  const std::string text = said(made_result({spoke(30s, Verdict::no_answer)}));
  has_text(text, "Not even a silence of 30s survives.");
  has_text(text, "A TCP keepalive of 15s or less may hold it: echod --keepalive 15s;");
  has_text(said(made_result({spoke(500ms, Verdict::alive), spoke(5s, Verdict::no_answer)})),
           "A TCP keepalive of 2s or less may hold it: echod --keepalive 2s;");
  has_text(said(made_result({spoke(1500ms, Verdict::no_answer)})),
           "TCP keepalive counts in whole seconds and is too slow for that");
}

TEST_CASE("a connection that ends behind its answer has no timeout") {
  const std::string text = said(made_result({ended(500ms, Verdict::closed, 300us)}));
  has_text(text, "The connection ended as soon as it had answered");
  CHECK(text.find("silence of 0") == text.npos);
  CHECK(text.find("every 0") == text.npos);
}

TEST_CASE("a timeout that counts bytes is not cured by keepalive") {
  Finding stuck = spoke(4min, Verdict::no_answer, 5s);
  stuck.acknowledged = true;
  for (const Finding& killer : {ended(4min, Verdict::closed, 200s), stuck}) {
    const std::string text = said(made_result({spoke(60s, Verdict::alive), killer}));
    has_text(text, "counts bytes, and TCP keepalive sends none");
    has_text(text, "echod --idle-timeout; HAProxy's timeout client");
    has_text(text, "a message of its own at least every 1m.");
    CHECK(text.find("would hold it") == std::string::npos);
  }
}

TEST_CASE("a far end that is not silent is warned of") {
  Finding refreshed = spoke(350s, Verdict::alive);
  refreshed.segments = 5;
  auto result = made_result({spoke(30s, Verdict::alive), refreshed});
  CHECK(idle::warnings(result) ==
        std::vector<std::string>{
            "the far end was not silent in 1 of the gaps that survived: its keepalive probes, most "
            "likely, keep the path alive; run it as echod --keepalive 0 --idle-timeout 0"});
  has_text(idle::report_text(result),
           "  350s      alive                350.0 s  5 segments came meanwhile\n");
}

TEST_CASE("a far end that was silent all the time is reported so") {
  const auto result = made_result({spoke(30s, Verdict::alive), spoke(350s, Verdict::alive)});
  has_text(said(result),
           "Every silence up to 350s survives. The far end sent nothing in these "
           "silences");
  CHECK(idle::warnings(result).empty());
}

TEST_CASE("with keepalive the report says whether that interval holds the path") {
  auto holds = made_result({spoke(350s, Verdict::alive)});
  holds.options.keepalive = 1min;
  has_text(said(holds),
           "Every silence up to 350s survives with a keepalive probe every 1m. "
           "A keepalive of 1m holds this path.");
  auto fails = made_result({spoke(350s, Verdict::no_answer)});
  fails.options.keepalive = 1min;
  has_text(said(fails), "A keepalive of 1m does not hold this path");
  auto short_gaps = made_result({spoke(30s, Verdict::alive)});
  short_gaps.options.keepalive = 1min;
  has_text(said(short_gaps),
           "No keepalive probe was sent: no gap that was tried is longer than 1m");
}

TEST_CASE("what a probe found is not told as the fate of a message") {
  auto result = made_result({ended(350s, Verdict::no_answer, 200s)});
  result.options.keepalive = 1min;
  has_text(said(result), "The probes were no longer acknowledged");
  CHECK(said(result).find("The next message") == std::string::npos);
  result.targets.front().findings = {ended(350s, Verdict::reset, 200s)};
  has_text(said(result), "The connection was reset while only probes were sent");
  // Before the first probe.
  result.targets.front().findings = {ended(350s, Verdict::reset, 40s)};
  has_text(said(result), "The connection was reset while it was silent");
}

TEST_CASE("findings that contradict each other are warned of") {
  const auto result = made_result({spoke(30s, Verdict::no_answer), spoke(60s, Verdict::alive)});
  has_text(said(result), "a silence of 30s died and one of 1m survived");
}

TEST_CASE("several targets stand side by side") {
  auto result = made_result({spoke(30s, Verdict::alive), ended(60s, Verdict::closed, 40s)});
  result.targets.push_back({"a", {}, {spoke(30s, Verdict::alive), spoke(60s, Verdict::alive)}});
  result.targets.push_back({"b", "Name or service not known", {}});
  has_text(idle::report_text(result), "\nb\n  no silence was tried: Name or service not known\n");
  has_text(idle::report_text(result),
           "\n                  survives        dies\n"
           "192.0.2.1:7007         30s         40s\n"
           "a                       1m           -\n"
           "b                        -           -\n");
}

TEST_CASE("what has no verdict says why") {
  auto result = made_result({spoke(30s, Verdict::alive),
                             without_verdict(60s, "interrupted before the end of the silence")});
  result.partial = true;
  result.options.require = 60s;
  const std::string text = idle::report_text(result);
  has_text(text, "  1m        unknown                    -  interrupted before the end of the\n");
  has_text(text, "required: a silence of 1m is not known (192.0.2.1:7007)\n");
  has_text(text, "\nInterrupted: what is not finished is unknown.\n");
  CHECK(widest(text) <= 78);
}

TEST_CASE("what the report would have said is there as lines too") {
  auto result = made_result({spoke(30s, Verdict::closed), without_verdict(60s, "no route")});
  result.targets.front().findings.push_back(spoke(90s, Verdict::wrong_bytes));
  result.targets.front().findings.back().note = "byte 1";
  result.targets.push_back({"b", {}, {without_verdict(60s, "no route")}});
  result.options.require = 30s;
  CHECK(idle::unmeasured(result) == std::vector<std::string>{"b: no route"});
  CHECK(idle::shortcomings(result) ==
        std::vector<std::string>{"192.0.2.1:7007: no verdict at 1m: no route",
                                 "192.0.2.1:7007: wrong bytes at 90s: byte 1",
                                 "192.0.2.1:7007: the required silence of 30s does not survive"});
}

TEST_CASE("a required silence of which nothing is known is not told to die") {
  auto result = made_result({spoke(1s, Verdict::alive), without_verdict(5s, "refused")});
  result.options.require = 5s;
  has_text(idle::report_text(result), "required: a silence of 5s is not known (192.0.2.1:7007)\n");
  CHECK(idle::shortcomings(result).back() ==
        "192.0.2.1:7007: the required silence of 5s is not known");
}

TEST_CASE("the header says what is done and for how long") {
  idle::Options options;
  options.addresses = {Address::parse("192.0.2.1:7"), Address::parse("[2001:db8::1]:7")};
  CHECK(idle::header_text(options) ==
        "echoc idle 192.0.2.1:7 [2001:db8::1]:7\n"
        "  silent for 30s, 1m, 4m, 350s, all at once; ends in about 5 min 50 s\n"
        "  keepalive off on this side\n");
  options.bisect = true;
  options.keepalive = 30s;
  has_text(idle::header_text(options), "searches between 10s and 125m, to within 5s");
  has_text(idle::header_text(options), "\n  keepalive every 30s on this side\n");
}

TEST_CASE("a countdown fits a terminal") {
  CHECK(idle::countdown_line({4, 0, 18s, 242s}) ==
        "4 silent, next speaks in 18 s, at most 4 min 2 s left");
  CHECK(idle::countdown_line({1, 2, 2s, 7s}) ==
        "step 2, 1 silent, next speaks in 2.0 s, at most 7.0 s left");
  CHECK(idle::countdown_line({100'000, 12, 12h + 59min, 99h + 59min}).size() <= 78);
}

}  // namespace
}  // namespace echo::testing
