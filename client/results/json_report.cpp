#include "client/results/json_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

#include "client/results/durations.h"
#include "client/results/find_rate_report.h"
#include "client/results/findings.h"
#include "client/results/histogram_codec.h"
#include "client/results/json_options.h"
#include "client/results/json_parts.h"
#include "client/results/json_socket.h"
#include "client/results/json_tcp.h"
#include "client/results/wall_clock.h"

namespace echo {
namespace {

using Json = nlohmann::ordered_json;

// To the picosecond, if in microseconds: only what arithmetic adds is cut.
double rounded(double value) {
  return std::round(value * 1e6) / 1e6;
}

// A number that is whole is written as such.
Json number(double value) {
  const auto whole = static_cast<std::uint64_t>(value);
  return static_cast<double>(whole) == value ? Json(whole) : Json(value);
}

Json to_json(const std::optional<double>& value) {
  return value ? Json(*value) : Json();
}

// What was not measured is null.
Json times_json(const Histogram& times, const Percentiles& percentiles) {
  const auto measured = [&](double value) { return times.count() == 0 ? Json() : Json(value); };
  Json json{{"unit", "us"},
            {"count", times.count()},
            {"min", measured(microseconds(times.min()))},
            {"mean", measured(rounded(times.mean() / 1e3))},
            {"stddev", measured(rounded(times.stddev() / 1e3))},
            {"max", measured(microseconds(times.max()))}};
  Json& list = json["percentiles"] = Json::object();
  for (const double percentile : percentiles) {
    list[percentile_text(percentile)] = measured(microseconds(times.percentile(percentile)));
  }
  return json;
}

Json latency_json(const Result& result) {
  Json json{{"basis", result.open_loop() ? "intended" : "sent"},
            {"unanswered", result.counters.unanswered()}};
  json.update(times_json(result.histogram(Metric::latency), result.plan.percentiles));
  return json;
}

struct OptionWriter {
  Json& json;

  void operator()(const char* key, nanoseconds value) const { json[key] = seconds(value); }
  void operator()(const char* key, double value) const { json[key] = number(value); }
  template <typename T>
  void operator()(const char* key, const T& value) const {
    json[key] = value;
  }
};

Json options_json(const Result& result) {
  Json json;
  for_each_option(result.plan, OptionWriter{json});
  json["threads"] = result.plan.threads == 0
                        ? result.generator.threads
                        : std::min(result.plan.threads, result.plan.connections);
  if (result.plan.count != 0) json["duration_s"] = Json();
  json.update(socket_json(result));
  Json& objectives = json["slo"] = Json::array();
  for (const Objective& objective : result.plan.objectives) objectives.push_back(objective.text);
  return json;
}

Json addresses_json(const Result& result) {
  Json json = Json::array();
  for (const UsedAddress& one : result.addresses) {
    json.push_back({{"address", one.address},
                    {"connections", one.connections},
                    {"failures", one.failures},
                    {"why", one.why}});
  }
  return json;
}

// Every echoed byte was compared, so what is echoed is verified.
void add_counters(Json& json, const Counters& counters) {
  for_each_counter(counters, [&](const char* group, const char* key, std::uint64_t count) {
    json[group][key] = count;
  });
  json["messages"]["verified"] = counters.messages.echoed;
}

Json rate_json(const Result& result) {
  return {{"asked", number(result.asked_rate)},
          {"achieved", rounded(result.achieved_rate())},
          {"pace", result.pace ? Json(rounded(*result.pace)) : Json()},
          {"lowest_interval", to_json(result.lowest_interval_rate())}};
}

Json errors_json(const Counters& counters) {
  Json json = Json::object();
  for (std::size_t i = 0; i < kFailures; ++i) {
    json[std::string(name(static_cast<Failure>(i)))] = counters.failures[i];
  }
  json["total"] = failures(counters);
  return json;
}

Json corruptions_json(const Result& result) {
  Json json = Json::array();
  for (const Corruption& one : result.corruptions) {
    json.push_back({{"connection", one.connection},
                    {"message", one.message},
                    {"offset", one.offset},
                    {"size", one.size},
                    {"got", one.got},
                    {"wanted", one.unexpected ? Json() : Json(one.wanted)}});
  }
  return json;
}

Json verdicts_json(const Result& result) {
  Json json = Json::array();
  for (const Verdict& verdict : result.verdicts) {
    json.push_back({{"expr", verdict.text},
                    {"value", to_json(verdict.value)},
                    {"unit", verdict.unit},
                    {"met", verdict.met},
                    {"reason", verdict.shown}});
    if (!verdict.target.empty()) json.back()["target"] = verdict.target;
  }
  return json;
}

Json intervals_json(const Result& result) {
  Json json = Json::array();
  for (const Interval& interval : result.intervals) {
    const auto time = [&](nanoseconds value) {
      return interval.echoed == 0 ? Json() : Json(microseconds(value));
    };
    const Json lateness = result.open_loop() ? Json(microseconds(interval.lateness)) : Json();
    json.push_back({{"at_s", rounded(interval.at_seconds())},
                    {"echoed", interval.echoed},
                    {"rate", rounded(interval.rate())},
                    {"p50", time(interval.p50)},
                    {"p99", time(interval.p99)},
                    {"max", time(interval.max)},
                    {"errors", interval.errors},
                    {"unsent", interval.unsent},
                    {"connections", interval.connections},
                    {"retransmissions", interval.retransmissions},
                    {"lateness", lateness}});
  }
  return json;
}

Json histograms_json(const Result& result) {
  Json json = Json::object();
  for (const Metric metric : kMetrics) {
    json[std::string(name(metric))] = encode_histogram(result.histogram(metric));
  }
  json["latency_without_echoc"] = encode_histogram(result.latency_without_echoc);
  return json;
}

Json head_json(const Result& result) {
  Json json{{"tool", "echoc"},
            {"version", ECHO_VERSION},
            {"schema", kResultSchema},
            {"partial", result.partial}};
  if (!result.error.empty()) json["error"] = result.error;
  if (result.generators > 1) json["generators"] = result.generators;
  json["target"] = result.target;
  json["label"] = result.plan.label;
  if (!result.shares.empty()) json["share"] = shares_text(result.shares);
  json["started"] = rfc3339(result.started);
  json["duration_s"] = seconds(result.duration);
  json["scheduled_s"] = seconds(result.scheduled);
  if (const auto& together = result.together) {
    json["overlap"] = {{"from", rfc3339(together->from)}, {"duration_s", seconds(together->time)}};
  }
  json["mode"] = result.open_loop() ? "open" : "closed";
  return json;
}

}  // namespace

nlohmann::ordered_json result_json(const Result& result) {
  const Percentiles& percentiles = result.plan.percentiles;
  Json json = head_json(result);
  json["options"] = options_json(result);
  json["seed"] = result.plan.seed;
  json["addresses"] = addresses_json(result);
  json["warnings"] = warnings(result);
  json["system"] = {{"kernel", result.system.kernel}, {"cpus", result.system.cpus}};
  add_counters(json, result.counters);
  json["messages"]["longest_wait_us"] = microseconds(result.longest_wait);
  json["rate"] = rate_json(result);
  json["latency"] = latency_json(result);
  for (const Metric metric : {Metric::service_time, Metric::connect, Metric::send_lateness}) {
    json[std::string(name(metric))] = times_json(result.histogram(metric), percentiles);
  }
  json["latency_without_echoc"] = times_json(result.latency_without_echoc, percentiles);
  json["histograms"] = histograms_json(result);
  json["errors"] = errors_json(result.counters);
  json["corruptions"] = corruptions_json(result);
  json["limited_by"] = name(limited_by(result));
  json["generator"] = {{"threads", result.generator.threads},
                       {"cpu_s", seconds(result.generator.cpu)},
                       {"longest_pause_us", microseconds(result.generator.longest_pause)}};
  json["tcp"] = tcp_json(result);
  json["slo"] = verdicts_json(result);
  if (result.found_rate) json["find_rate"] = find_rate_json(*result.found_rate);
  json["intervals"] = intervals_json(result);
  if (!result.targets.empty()) {
    json["options"]["rounds"] = result.plan.effective_rounds();
    json["targets"] = targets_json(result);
  }
  return json;
}

std::string json_report(const Result& result) {
  // A target or a label may hold any byte.
  return result_json(result).dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace echo
