#include "client/results/json_report.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <cmath>

#include <nlohmann/json.hpp>

#include "client/results/report.h"

namespace echo::load {
namespace {

using Json = nlohmann::ordered_json;

double rounded(double value) {
  return std::round(value * 1000) / 1000;
}

double microseconds(nanoseconds duration) {
  return static_cast<double>(duration.count()) / 1e3;
}

std::string rfc3339(std::chrono::system_clock::time_point time) {
  const auto since_epoch = time.time_since_epoch();
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch) % 1000;
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(time)), ms.count());
}

Json times_json(const Histogram& times, const std::vector<double>& percentiles) {
  Json json{{"count", times.count()},
            {"min", microseconds(times.min())},
            {"mean", rounded(times.mean() / 1e3)},
            {"stddev", rounded(times.stddev() / 1e3)},
            {"max", microseconds(times.max())}};
  Json& list = json["percentiles"] = Json::object();
  for (const double percentile : percentiles) {
    list[percentile_text(percentile)] = microseconds(times.percentile(percentile));
  }
  return json;
}

Json latency_json(const Result& result, const std::vector<double>& percentiles) {
  Json json{{"basis", result.asked_rate != 0 ? "intended" : "sent"}};
  json.update(times_json(result.times(Times::latency), percentiles));
  return json;
}

Json connections_json(const Counters& counters) {
  const auto& connections = counters.connections;
  return {{"asked", connections.asked},
          {"made", connections.made},
          {"failed", connections.failed},
          {"lost", connections.lost},
          {"reconnected", connections.reconnected},
          {"churned", connections.churned}};
}

// Every echoed byte was compared, so what is echoed is verified.
Json messages_json(const Counters& counters) {
  const auto& messages = counters.messages;
  return {{"sent", messages.sent},           {"echoed", messages.echoed},
          {"verified", messages.echoed},     {"corrupt", messages.corrupt},
          {"timed_out", messages.timed_out}, {"lost", messages.lost},
          {"unsent", messages.unsent}};
}

Json errors_json(const Counters& counters) {
  Json json = Json::object();
  for (std::size_t i = 0; i < kFailures; ++i) {
    json[std::string(name(static_cast<Failure>(i)))] = counters.failures[i];
  }
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
                    {"wanted", one.unasked ? Json() : Json(one.wanted)}});
  }
  return json;
}

Json intervals_json(const Result& result) {
  Json json = Json::array();
  for (const Interval& interval : result.intervals) {
    json.push_back({{"at_s", rounded(interval.at_seconds())},
                    {"echoed", interval.echoed},
                    {"rate", rounded(interval.rate())},
                    {"p50", microseconds(interval.p50)},
                    {"p99", microseconds(interval.p99)},
                    {"max", microseconds(interval.max)},
                    {"errors", interval.errors},
                    {"connections", interval.connections}});
  }
  return json;
}

}  // namespace

std::string json_report(const Result& result, const LoadOptions& options) {
  const Counters& counters = result.counters;
  Json json{{"tool", "echoc"},
            {"version", ECHO_VERSION},
            {"partial", result.partial},
            {"target", result.target},
            {"started", rfc3339(result.started)},
            {"duration_s", std::chrono::duration<double>(result.duration).count()},
            {"mode", result.asked_rate != 0 ? "open" : "closed"}};
  json["connections"] = connections_json(counters);
  json["messages"] = messages_json(counters);
  json["bytes"] = {{"sent", counters.bytes.sent}, {"received", counters.bytes.received}};
  json["rate"] = {{"asked", result.asked_rate}, {"achieved", rounded(result.achieved_rate())}};
  json["latency"] = latency_json(result, options.percentiles);
  for (const Times times : {Times::service_time, Times::connect, Times::send_lateness}) {
    json[std::string(kTimesNames[static_cast<std::size_t>(times)])] =
        times_json(result.times(times), options.percentiles);
  }
  json["errors"] = errors_json(counters);
  json["corruptions"] = corruptions_json(result);
  json["slo"] = Json::array();
  for (const Verdict& verdict : result.verdicts) {
    json["slo"].push_back(
        {{"expr", verdict.text}, {"value", rounded(verdict.value)}, {"met", verdict.met}});
  }
  json["intervals"] = intervals_json(result);
  return json.dump(2) + "\n";
}

}  // namespace echo::load
