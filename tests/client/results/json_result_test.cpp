#include "client/results/json_result.h"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

#include <nlohmann/json.hpp>

#include "client/results/json_report.h"
#include "tests/client/results/made_result.h"

namespace echo {
namespace {

using nlohmann::json;
using testing::bad_result;
using testing::good_result;

std::string result_refusal(const std::string& text) {
  try {
    parse_result(text);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "accepted";
}

TEST_CASE("a result that is read and written again is the same but for its intervals") {
  for (Result result : {good_result(), bad_result(), Result()}) {
    result.plan.sources = {"127.0.0.2", "127.0.0.3"};
    result.plan.label = "x";
    result.partial = true;
    result.intervals.clear();
    const std::string text = json_report(result);
    CHECK(json_report(parse_result(text)) == text);
  }
}

TEST_CASE("a result of a version that did not know the longest wait is read") {
  json older = json::parse(json_report(good_result()));
  CHECK(older.at("messages").erase("longest_wait_us") == 1);
  CHECK(parse_result(older.dump()).longest_wait.count() == 0);
}

TEST_CASE("a result that is cut anywhere is refused") {
  const std::string text = json_report(good_result());
  for (std::size_t size = 0; size + 2 < text.size(); size += 97) {
    CHECK(result_refusal(text.substr(0, size)) == "is cut short or not JSON");
  }
}

TEST_CASE("JSON that is not a result of this version is refused") {
  for (const char* text : {"{}", "[]", "3", R"({"tool": "other", "schema": 2, "messages": {}})",
                           R"({"tool": "echoc", "messages": {}})",
                           R"({"tool": "echoc", "schema": 2, "targets": []})"}) {
    CAPTURE(text);
    CHECK(result_refusal(text) == "is not a result of echoc load, or one of an older version");
  }
  json newer = json::parse(json_report(good_result()));
  newer["schema"] = 3;
  CHECK(result_refusal(newer.dump()) == "has schema 3, and this version reads 2");
}

TEST_CASE("every key that counts must be there and be what it claims") {
  const json good = json::parse(json_report(bad_result()));
  const auto with = [&](const std::string& pointer, const json& value) {
    json changed = good;
    changed[json::json_pointer(pointer)] = value;
    return result_refusal(changed.dump());
  };
  CHECK(result_refusal(good.dump()) == "accepted");
  CHECK(with("/messages/sent", -1) == "'sent' is not what a result of echoc load has there");
  CHECK(with("/messages/sent", "many") == "'sent' is not what a result of echoc load has there");
  CHECK(with("/latency/count", 99) == "'latency' is not what a result of echoc load has there");
  CHECK(with("/latency/max", 5) == "'latency' is not what a result of echoc load has there");
  CHECK(with("/connect/mean", 1e9) == "'connect' is not what a result of echoc load has there");
  CHECK(with("/tcp/retransmissions", -1) ==
        "'retransmissions' is not what a result of echoc load has there");
  CHECK(with("/duration_s", -1) == "'duration_s' is not what a result of echoc load has there");
  CHECK(with("/duration_s", 1e300) == "'duration_s' is not what a result of echoc load has there");
  CHECK(with("/started", "yesterday") == "'started' is not what a result of echoc load has there");
  CHECK(with("/started", "9999-12-31T00:00:00.000Z").starts_with("'started' is not"));
  for (const double percentile : {-5.0, 150.0}) {
    CHECK(with("/options/percentiles", json::array({percentile})) ==
          "'percentiles' is not what a result of echoc load has there");
  }
  CHECK(with("/histograms/latency", "AAAA") == "not a compressed histogram of version 2");
  for (const auto& item : good.items()) {
    const std::string& key = item.key();
    if (key == "version" || key == "mode" || key == "warnings" || key == "limited_by" ||
        key == "slo" || key == "intervals" || key == "tcp") {
      continue;  // made anew, or not there in an older one
    }
    CAPTURE(key);
    json changed = good;
    changed.erase(key);
    CHECK(result_refusal(changed.dump()) != "accepted");
  }
}

}  // namespace
}  // namespace echo
