#include "client/results/json_result.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <stdexcept>
#include <utility>

#include <nlohmann/json.hpp>

#include "client/results/histogram_codec.h"
#include "client/results/json_options.h"
#include "client/results/json_report.h"
#include "client/results/json_socket.h"
#include "client/results/json_tcp.h"
#include "client/results/saved_values.h"

namespace echo {
namespace {

using SortedJson = nlohmann::json;

double number_of(const SortedJson& json, const char* key) {
  const double value = json.at(key).get<double>();
  if (!(value >= 0)) throw wrong_value(key);
  return value;
}

nanoseconds duration_of(const SortedJson& json, const char* key, double factor) {
  constexpr double kLongest = 9e18;
  const double ns = number_of(json, key) * factor;
  if (ns >= kLongest) throw wrong_value(key);
  return nanoseconds(std::llround(ns));
}

struct OptionReader {
  const SortedJson& json;

  void operator()(const char* key, nanoseconds& value) const {
    if (!json.at(key).is_null()) value = duration_of(json, key, 1e9);
  }
  void operator()(const char* key, std::uint64_t& value) const { value = count_of(json, key); }
  void operator()(const char* key, bool& value) const { value = json.at(key).get<bool>(); }
  void operator()(const char* key, double& value) const { value = number_of(json, key); }
  void operator()(const char* key, std::vector<double>& value) const {
    value = json.at(key).get<std::vector<double>>();
    const auto is_percentile = [](double one) { return one >= 0 && one <= 100; };
    if (!std::ranges::all_of(value, is_percentile)) throw wrong_value(key);
  }
  template <typename T>
  void operator()(const char* key, std::vector<T>& value) const {
    value = json.at(key).get<std::vector<T>>();
  }
};

std::chrono::system_clock::time_point moment_of(const std::string& rfc3339) {
  std::tm parts{};
  const char* const rest = ::strptime(rfc3339.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  int ms = 0;
  if (rest == nullptr || std::sscanf(rest, ".%3dZ", &ms) != 1) throw wrong_value("started");
  constexpr std::time_t kYear2200 = 7'258'118'400;  // the clock's nanoseconds end in 2262
  const std::time_t time = ::timegm(&parts);
  if (time < 0 || time > kYear2200) throw wrong_value("started");
  return std::chrono::system_clock::from_time_t(time) + std::chrono::milliseconds(ms);
}

std::vector<Share> shares_of(const std::string& text) {
  try {
    return parse_shares(text);
  } catch (const std::invalid_argument&) {
    throw wrong_value("share");
  }
}

// Minimum, mean and maximum are exact beside the histogram, in which they are a bucket's.
Histogram histogram_of(const SortedJson& json, const std::string& key) {
  Histogram histogram = decode_histogram(json.at("histograms").at(key).get<std::string>());
  const SortedJson& times = json.at(key);
  if (histogram.count() != count_of(times, "count")) throw wrong_value(key);
  if (histogram.count() == 0) return histogram;
  const bool fits =
      histogram.set_exact(duration_of(times, "min", 1e3), duration_of(times, "max", 1e3),
                          times.at("mean").get<double>() * 1e3);
  if (!fits) throw wrong_value(key);
  return histogram;
}

void read_counters(Counters& counters, const SortedJson& json) {
  for_each_counter(counters, [&](const char* group, const char* key, std::uint64_t& count) {
    count = count_of(json.at(group), key);
  });
  for (std::size_t i = 0; i < kFailures; ++i) {
    const std::string key(name(static_cast<Failure>(i)));
    counters.failures[i] = count_of(json.at("errors"), key.c_str());
  }
}

void read_corruptions(Result& result, const SortedJson& json) {
  for (const SortedJson& one : json) {
    Corruption corruption;
    corruption.connection = count_of(one, "connection");
    corruption.message = count_of(one, "message");
    corruption.offset = count_of(one, "offset");
    corruption.size = count_of(one, "size");
    corruption.got = one.at("got").get<unsigned>();
    corruption.unexpected = one.at("wanted").is_null();
    if (!corruption.unexpected) corruption.wanted = one.at("wanted").get<unsigned>();
    result.corruptions.push_back(corruption);
  }
}

void read_addresses(Result& result, const SortedJson& json) {
  for (const SortedJson& one : json) {
    result.addresses.push_back({one.at("address"), count_of(one, "connections"),
                                count_of(one, "failures"), one.at("why")});
  }
}

void read_head(Result& result, const SortedJson& json) {
  result.partial = json.at("partial").get<bool>();
  result.error = json.value("error", "");
  result.generators = json.contains("generators") ? count_of(json, "generators") : 1;
  result.target = json.at("target").get<std::string>();
  result.plan.label = json.at("label").get<std::string>();
  result.plan.seed = count_of(json, "seed");
  result.started = moment_of(json.at("started").get<std::string>());
  result.duration = duration_of(json, "duration_s", 1e9);
  result.scheduled = duration_of(json, "scheduled_s", 1e9);
  const SortedJson& rate = json.at("rate");
  result.asked_rate = number_of(rate, "asked");
  // Results of older versions have none.
  if (rate.contains("pace") && !rate.at("pace").is_null()) result.pace = number_of(rate, "pace");
  if (json.contains("share")) result.shares = shares_of(json.at("share").get<std::string>());
  if (json.contains("overlap")) {
    const SortedJson& overlap = json.at("overlap");
    result.together = {moment_of(overlap.at("from").get<std::string>()),
                       duration_of(overlap, "duration_s", 1e9), number_of(rate, "achieved")};
  }
  result.system.kernel = json.at("system").at("kernel").get<std::string>();
  result.system.cpus = count_of(json.at("system"), "cpus");
}

Result read_run(const SortedJson& json) {
  Result result;
  for_each_option(result.plan, OptionReader{json.at("options")});
  read_socket(result, json.at("options"));
  read_head(result, json);
  read_counters(result.counters, json);
  if (json.at("messages").contains("longest_wait_us")) {  // results of older versions have none
    result.longest_wait = duration_of(json.at("messages"), "longest_wait_us", 1e3);
  }
  for (const Metric metric : kMetrics) {
    result.histogram(metric) = histogram_of(json, std::string(name(metric)));
  }
  result.latency_without_echoc = histogram_of(json, "latency_without_echoc");
  read_corruptions(result, json.at("corruptions"));
  read_addresses(result, json.at("addresses"));
  const SortedJson& generator = json.at("generator");
  result.generator.threads = count_of(generator, "threads");
  result.generator.cpu = duration_of(generator, "cpu_s", 1e9);
  result.generator.longest_pause = duration_of(generator, "longest_pause_us", 1e3);
  read_tcp(result, json);
  return result;
}

Result read_result(const SortedJson& json) {
  Result result = read_run(json);
  if (!json.contains("targets")) return result;
  result.plan.rounds = count_of(json.at("options"), "rounds");
  for (const SortedJson& one : json.at("targets")) {
    TargetRuns target{one.at("target").get<std::string>(), {}};
    for (const SortedJson& run : one.at("runs")) target.runs.push_back(read_run(run));
    result.targets.push_back(std::move(target));
  }
  return result;
}

}  // namespace

Result parse_result(std::string_view text) {
  const SortedJson json = SortedJson::parse(text, nullptr, false);
  if (json.is_discarded()) throw std::runtime_error("is cut short or not JSON");
  if (!json.is_object() || json.value("tool", SortedJson()) != "echoc" ||
      !json.contains("schema") || !json.contains("messages")) {
    throw std::runtime_error("is not a result of echoc load, or one of an older version");
  }
  if (json.at("schema") != kResultSchema) {
    throw std::runtime_error(fmt::format("has schema {}, and this version reads {}",
                                         json.at("schema").dump(), kResultSchema));
  }
  try {
    return read_result(json);
  } catch (const SortedJson::exception& error) {
    throw std::runtime_error(fmt::format("is not a result of echoc load: {}", error.what()));
  }
}

}  // namespace echo
