#include "tests/support/result_sums.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

namespace echo::testing {
namespace {

using nlohmann::json;

void check_messages(const json& result) {
  const json& messages = result.at("messages");
  const auto at = [&](const char* key) { return count_at(messages, key); };
  std::uint64_t unexpected = 0;  // such a byte belongs to no message
  for (const json& one : result.at("corruptions")) unexpected += one.at("wanted").is_null();
  const std::uint64_t corrupt = at("corrupt") - std::min(at("corrupt"), unexpected);
  CHECK(at("sent") == at("echoed") + corrupt + at("timed_out") + at("lost") + at("in_flight"));
  CHECK(at("verified") == at("echoed"));
  if (!result.at("partial").get<bool>()) CHECK(at("in_flight") == 0);
  const std::uint64_t failed = at("corrupt") + at("timed_out") + at("lost") + at("unsent");
  const json& connections = result.at("connections");
  CHECK(result.at("errors").at("total") ==
        failed + count_at(connections, "failed") + count_at(connections, "lost"));
  CHECK(at("waited") <= at("sent") + at("unsent"));
  CHECK(count_at(connections, "made") <= count_at(connections, "asked"));
  CHECK(count_at(result.at("bytes"), "received") <= count_at(result.at("bytes"), "sent"));
  const json& latency = result.at("latency");
  CHECK(latency.at("unanswered") == failed);
  CHECK(count_at(latency, "count") + failed - unexpected + at("in_flight") ==
        at("sent") + at("unsent"));
}

// Minimum, percentiles and maximum rise; null stands where nothing was measured.
void check_times(const json& result) {
  const std::uint64_t echoed = count_at(result.at("messages"), "echoed");
  for (const std::string_view name : kResultTimes) {
    CAPTURE(name);
    const json& times = result.at(std::string(name));
    const bool is_empty = count_at(times, "count") == 0;
    std::vector<json> rising{times.at("min")};
    for (const json& value : times.at("percentiles")) rising.push_back(value);
    rising.push_back(times.at("max"));
    for (std::size_t i = 0; i < rising.size(); ++i) {
      CHECK(rising[i].is_null() == is_empty);
      if (!is_empty && i > 0) CHECK(rising[i] >= rising[i - 1]);
    }
    CHECK(times.at("mean").is_null() == is_empty);
    if (is_empty) continue;
    CHECK(times.at("mean").get<double>() >= times.at("min").get<double>() - 1e-6);
    CHECK(times.at("mean").get<double>() <= times.at("max").get<double>() + 1e-6);
  }
  CHECK(count_at(result.at("latency"), "count") == echoed);
  CHECK(count_at(result.at("service_time"), "count") == echoed);
  const bool is_open = result.at("mode") == "open";
  CHECK(count_at(result.at("send_lateness"), "count") ==
        (is_open ? count_at(result.at("messages"), "sent") : 0));
}

void check_intervals(const json& result) {
  std::map<std::string, std::uint64_t> sums;
  double end = 0;
  for (const json& row : result.at("intervals")) {
    for (const char* key : {"echoed", "errors", "unsent"}) sums[key] += count_at(row, key);
    const double at = row.at("at_s");
    CHECK(at >= end);
    const double rate = row.at("rate");
    // Both ends are rounded to a microsecond.
    CHECK(std::abs(rate * (at - end) - row.at("echoed").get<double>()) <= rate * 2e-6 + 1e-3);
    CHECK(row.at("p50").is_null() == (row.at("echoed") == 0));
    if (row.at("echoed") != 0) {
      CHECK(row.at("p50") <= row.at("p99"));
      CHECK(row.at("p99") <= row.at("max"));
    }
    end = at;
  }
  CHECK(sums["echoed"] == count_at(result.at("messages"), "echoed"));
  CHECK(sums["errors"] == count_at(result.at("errors"), "total"));
  CHECK(sums["unsent"] == count_at(result.at("messages"), "unsent"));
  CHECK(end == doctest::Approx(result.at("duration_s").get<double>()).epsilon(1e-6));
}

void check_rate(const json& result) {
  const double time = result.at(result.at("mode") == "open" ? "scheduled_s" : "duration_s");
  const double echoed = result.at("messages").at("echoed");
  const double achieved = result.at("rate").at("achieved");
  CHECK(achieved * time == doctest::Approx(time > 0 ? echoed : 0).epsilon(1e-6));
}

}  // namespace

void check_sums(const json& result) {
  check_messages(result);
  check_times(result);
  check_intervals(result);
  check_rate(result);
}

// Most serious first.
int status_of(const json& result) {
  const json& messages = result.at("messages");
  if (count_at(messages, "corrupt") + count_at(messages, "corrupt_in_warmup") > 0) return 4;
  if (result.at("partial").get<bool>()) return 130;
  bool are_errors_judged = false;
  bool is_missed = false;
  for (const json& verdict : result.at("slo")) {
    are_errors_judged |= verdict.at("expr").get<std::string>().starts_with("errors");
    is_missed |= !verdict.at("met").get<bool>();
  }
  const bool has_failed =
      result.at("errors").at("total") > 0 || result.at("messages").at("echoed") == 0;
  if (has_failed && !are_errors_judged) return 1;
  return is_missed ? 3 : 0;
}

}  // namespace echo::testing
