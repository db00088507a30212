#include "tests/support/result_agreement.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <map>
#include <sstream>
#include <string_view>
#include <vector>

#include "client/results/histogram_codec.h"
#include "client/results/hlog.h"
#include "tests/support/result_sums.h"

namespace echo::testing {
namespace {

using nlohmann::json;

void check_csv(const Told& told) {
  std::istringstream lines(told.csv);
  std::string line;
  std::getline(lines, line);
  CHECK(line == "at_s,echoed,rate,p50,p99,max,errors,connections,unsent");
  std::vector<json> rows;
  while (std::getline(lines, line)) {
    std::istringstream cells(line);
    std::vector<json> row;
    for (std::string cell; std::getline(cells, cell, ',');) {
      row.push_back(cell.empty() ? json() : json(std::stod(cell)));
    }
    rows.push_back(row);
  }
  const json& intervals = told.json.at("intervals");
  REQUIRE(rows.size() == intervals.size());
  // Connections and messages that were found to have failed only at the end are in the JSON alone.
  const std::vector<std::string> columns{"at_s", "echoed", "rate", "p50", "p99", "max"};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t column = 0; column < columns.size(); ++column) {
      CAPTURE(columns[column]);
      const json& wanted = intervals[i].at(columns[column]);
      const json& cell = rows[i].at(column);
      REQUIRE(cell.is_null() == wanted.is_null());
      if (wanted.is_null()) continue;
      CHECK(std::abs(cell.get<double>() - wanted.get<double>()) <= 0.0006);
    }
  }
}

bool have_same_counts(const Histogram& one, const Histogram& other) {
  return std::equal(one.counts().begin(), one.counts().end(), other.counts().begin(),
                    other.counts().end());
}

void check_histograms(const Told& told) {
  std::map<std::string, Histogram> logged;
  std::vector<std::uint64_t> intervals;
  std::istringstream file(told.hlog);
  read_hlog(file, [&](const std::string& tag, const Histogram& histogram) {
    logged[tag.empty() ? "latency" : tag].add(histogram);
    if (tag.empty()) intervals.push_back(histogram.count());
  });
  for (const std::string_view key : kResultTimes) {
    const std::string name(key);
    CAPTURE(name);
    const Histogram whole =
        decode_histogram(told.json.at("histograms").at(name).get<std::string>());
    CHECK(whole.count() == count_at(told.json.at(name), "count"));
    CHECK(have_same_counts(logged[name], whole));
  }
  REQUIRE(intervals.size() == told.json.at("intervals").size());
  for (std::size_t i = 0; i < intervals.size(); ++i) {
    CHECK(told.json.at("intervals")[i].at("echoed") == intervals[i]);
  }
}

void check_hgrm(const Told& told) {
  const json& latency = told.json.at("latency");
  const std::size_t max_at = told.hgrm.find("#[Max     = ");
  REQUIRE(max_at != std::string::npos);
  double max = 0;
  unsigned long long count = 0;
  CHECK(std::sscanf(told.hgrm.c_str() + max_at, "#[Max     = %lf, Total count    = %llu]", &max,
                    &count) == 2);
  CHECK(count == count_at(latency, "count"));
  if (count == 0) return;
  CHECK(max * 1e3 == doctest::Approx(latency.at("max").get<double>()).epsilon(1e-9));
  std::istringstream lines(told.hgrm);
  double value_before = 0;
  std::uint64_t last = 0;
  for (std::string line; std::getline(lines, line);) {
    double value = 0;
    double part = 0;
    unsigned long long seen = 0;
    if (std::sscanf(line.c_str(), "%lf %lf %llu", &value, &part, &seen) != 3) continue;
    CHECK(value >= value_before);
    CHECK(seen >= last);
    // The part has six decimals.
    CHECK(static_cast<double>(seen) >= (part - 1e-6) * static_cast<double>(count));
    value_before = value;
    last = seen;
  }
  CHECK(last == count);
}

// "1,234" as the report groups it.
std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, 1, ',');
  return text;
}

double microseconds_of(const std::string& text) {
  std::size_t end = 0;
  const double number = std::stod(text, &end);
  const std::string unit = text.substr(end);
  return number * (unit == "us" ? 1 : unit == "ms" ? 1e3 : 1e6);
}

// The report without line breaks and marks, and with single blanks.
std::string flat(const std::string& text) {
  std::istringstream words(text);
  std::string joined = " ";
  for (std::string word; words >> word;) {
    if (word != "✓" && word != "✗") joined += word + ' ';
  }
  return joined;
}

void check_text(const Told& told) {
  const std::string text = flat(told.text);
  const auto has = [&](const std::string& part) {
    CAPTURE(part);
    CHECK(text.find(' ' + part) != std::string::npos);
  };
  const json& messages = told.json.at("messages");
  const std::vector<std::pair<const char*, const char*>> names{
      {"sent", " sent,"},       {"echoed", " echoed and verified,"},
      {"corrupt", " corrupt,"}, {"timed_out", " timed out,"},
      {"lost", " lost,"},       {"unsent", " unsent"}};
  for (const auto& [key, name] : names) has(grouped(count_at(messages, key)) + name);
  const json& connections = told.json.at("connections");
  for (const char* key : {"asked", "made", "failed", "lost", "reconnected"}) {
    has(grouped(count_at(connections, key)) + ' ' + key);
  }
  const std::uint64_t total = told.json.at("errors").at("total");
  has("errors " + (total == 0 ? "none" : grouped(total) + ", "));
  has("bytes " + grouped(told.json.at("bytes").at("sent").get<std::uint64_t>()) + " sent, " +
      grouped(told.json.at("bytes").at("received").get<std::uint64_t>()) + " received ");
  for (const json& warning : told.json.at("warnings")) {
    has("warning " + flat(warning.get<std::string>()).substr(1));
  }
  for (const json& verdict : told.json.at("slo")) {
    has("objective " + verdict.at("expr").get<std::string>() +
        (verdict.at("met").get<bool>() ? ": met, " : ": missed, ") +
        verdict.at("reason").get<std::string>());
  }
}

void check_table(const Told& told) {
  const auto row = [&](const std::string& label) {
    const std::size_t at = told.text.find('\n' + label + ' ');
    REQUIRE(at != std::string::npos);
    std::istringstream words(told.text.substr(at, told.text.find('\n', at + 1) - at));
    std::string first;
    std::string latency;
    words >> first >> latency;
    return latency;
  };
  const json& latency = told.json.at("latency");
  CHECK(row("count") == grouped(count_at(latency, "count")));
  std::map<std::string, json> shown{{"min", latency.at("min")}, {"max", latency.at("max")}};
  for (const auto& [key, value] : latency.at("percentiles").items()) shown['p' + key] = value;
  for (const auto& one : shown) {
    const std::string& label = one.first;
    const json& value = one.second;
    CAPTURE(label);
    if (value.is_null()) {
      CHECK(row(label) == "-");
    } else {
      CHECK(microseconds_of(row(label)) == doctest::Approx(value.get<double>()).epsilon(0.006));
    }
  }
}

}  // namespace

void check_agreement(const Told& told) {
  CAPTURE(told.text);
  CAPTURE(told.json.at("messages").dump());
  check_sums(told.json);
  check_csv(told);
  check_histograms(told);
  check_hgrm(told);
  check_text(told);
  check_table(told);
  CHECK(told.status == status_of(told.json));
}

}  // namespace echo::testing
