#pragma once

#include "client/results/judgement.h"
#include "client/results/result.h"

namespace echo::testing {

// A hundred messages of 1 to 100 ms at 10 a second, all good, in ten intervals.
inline Result good_result() {
  using namespace std::chrono_literals;
  Result result;
  result.plan.address = Address::parse("127.0.0.1:7007");
  result.plan.connections = 2;
  result.plan.rate = 10;
  result.plan.seed = 42;
  result.target = "127.0.0.1:7007";
  result.started = std::chrono::system_clock::time_point(1'600'000'000'500ms);
  result.duration = 10'020ms;
  result.scheduled = 10s;
  result.asked_rate = 10;
  auto& [connections, messages, bytes, failures] = result.counters;
  connections.asked = connections.made = 2;
  messages.sent = messages.echoed = 100;
  bytes.sent = bytes.received = 6400;
  for (int i = 1; i <= 100; ++i) {
    result.histogram(Metric::latency).record(i * 1ms);
    result.histogram(Metric::service_time).record(i * 900us);
    result.histogram(Metric::send_lateness).record(i * 1us);
    result.latency_without_echoc.record(i * 999us);
  }
  for (const auto time : {7ms, 9ms}) result.histogram(Metric::connect).record(time);
  for (int i = 0; i < 10; ++i) {
    result.intervals.push_back({.start = i * 1s,
                                .length = 1s,
                                .echoed = 10,
                                .connections = 2,
                                .p50 = 50ms,
                                .p99 = 99ms,
                                .max = 100ms});
  }
  result.addresses = {{"127.0.0.1:7007", 2, 0, ""}};
  result.system = {"Linux 6.1.0 x86_64", 4};
  result.generator = {2, 1500ms, 3ms};
  result.socket = {46, "cubic", 87'040, 131'072, true};
  TcpSummary& tcp = result.tcp.emplace();
  tcp.connections = 2;
  for (Spread* const spread : {&tcp.rtt, &tcp.min_rtt, &tcp.congestion_window, &tcp.lost}) {
    for (const std::uint64_t value : {30U, 50U}) spread->add(value);
  }
  return result;
}

// The good one, but every message took that long.
inline Result run_of(nanoseconds time) {
  Result result = good_result();
  result.histogram(Metric::latency) = Histogram();
  for (int i = 0; i < 100; ++i) result.histogram(Metric::latency).record(time);
  return result;
}

// The good one with a failure of each kind: 5 unsent, 4 timed out, 3 lost, 2 corrupt, 1 connection
// that could not be made and 2 that were lost.
inline Result bad_result() {
  using namespace std::chrono_literals;
  Result result = good_result();
  auto& [connections, messages, bytes, failures] = result.counters;
  messages.unsent = 5;
  messages.timed_out = 4;
  messages.lost = 3;
  messages.corrupt = 2;
  messages.sent = 109;
  result.plan.rate = result.asked_rate = 19;
  result.scheduled = 6s;
  result.duration = 6'020ms;
  connections.asked = 3;
  connections.failed = 1;
  connections.lost = connections.reconnected = 2;
  failures[static_cast<std::size_t>(Failure::timeout)] = 4;
  failures[static_cast<std::size_t>(Failure::peer_reset)] = 2;
  failures[static_cast<std::size_t>(Failure::refused)] = 1;
  result.corruptions = {{1, 3, 17, 64, 0xa5, 0xa1, false}, {2, 9, 0, 0, 0x42, 0, true}};
  for (Interval& interval : result.intervals) {
    interval.start = interval.start * 6 / 10;
    interval.length = 600ms;
  }
  result.intervals.front().errors = 12;
  result.intervals.front().unsent = 5;
  result.intervals.back().errors = 5;
  return result;
}

// The one that docs/load.md shows: a server that now and then takes a few milliseconds.
inline Result sample_result() {
  using namespace std::chrono_literals;
  Result result;
  result.plan.address = Address::parse(":7007");
  result.plan.connections = 50;
  result.plan.rate = result.asked_rate = 1000;
  result.plan.seed = 5804389787776587891;
  result.target = ":7007";
  result.scheduled = 10s;
  result.duration = 10'000'183us;
  auto& [connections, messages, bytes, failures] = result.counters;
  connections.asked = connections.made = 50;
  messages.sent = messages.echoed = 10'000;
  messages.waited = 12;
  result.longest_wait = 1200us;
  bytes.sent = bytes.received = 640'000;
  for (int i = 0; i < 10'000; ++i) {
    const auto service = i % 250 == 0 ? 3100us + i * 100ns : 24us + i * 2ns;
    const auto lateness = 2us + i * 1ns;
    result.histogram(Metric::latency).record(service + lateness);
    result.histogram(Metric::service_time).record(service);
    result.histogram(Metric::send_lateness).record(lateness);
    result.latency_without_echoc.record(service + lateness);
  }
  for (int i = 0; i < 50; ++i) result.histogram(Metric::connect).record(41us + i * 2us);
  result.addresses = {{"127.0.0.1:7007", 50, 0, ""}};
  result.generator = {2, 412ms, 212us};
  return result;
}

inline Result judged(Result result, std::initializer_list<const char*> objectives) {
  for (const char* text : objectives) result.plan.objectives.push_back(Objective::parse(text));
  judge_all(result);
  return result;
}

}  // namespace echo::testing
