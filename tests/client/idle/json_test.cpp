#include "client/idle/json.h"

#include <doctest/doctest.h>

#include <fstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/client/idle/made_findings.h"
#include "tests/support/json_schema.h"

namespace echo::testing {
namespace {

using nlohmann::json;
using Lines = std::vector<std::string>;

json schema() {
  std::ifstream file(IDLE_SCHEMA);
  return json::parse(file);
}

// One that has every key.
idle::Result full_result() {
  Finding stuck = spoke(70s, Verdict::no_answer, 5s);
  stuck.acknowledged = true;
  Finding wrong = spoke(80s, Verdict::wrong_bytes);
  wrong.note = "byte 1 of 64 is \xff";
  auto result = made_result({spoke(30s, Verdict::alive), ended(60s, Verdict::closed, 40500ms),
                             stuck, wrong, without_verdict(90s, "no route")});
  result.targets[0].findings[0].socket = EffectiveSocket{.dscp = 46U,
                                                         .congestion = "reno",
                                                         .send_buffer = 8192,
                                                         .receive_buffer = 4096,
                                                         .nodelay = false};
  result.targets.push_back({"b", "Name or service not known", {}});
  result.options.bisect = true;
  result.options.require = 60s;
  return result;
}

json written(const idle::Result& result) {
  return json::parse(idle::json_text(result));
}

TEST_CASE("the JSON of idle fits its schema") {
  CHECK(schema_faults(schema(), written(full_result())) == Lines{});
  CHECK(schema_faults(schema(), written(made_result({}))) == Lines{});
  CHECK(schema_faults(schema(), written(made_result({spoke(1s, Verdict::reset)}))) == Lines{});
}

TEST_CASE("the schema of idle describes nothing that is never written") {
  json all = written(full_result());
  all.update(written(made_result({})));  // "error"
  const json properties = schema().at("properties");
  for (const auto& [key, part] : properties.items()) {
    const std::string name = key;
    CAPTURE(name);
    CHECK(all.contains(key));
  }
  const json full = written(full_result());
  const json target = properties.at("targets").at("items").at("properties");
  const auto is_written = [](const json& list, const std::string& key) {
    bool found = false;
    for (const json& one : list) found = found || one.contains(key);
    return found;
  };
  for (const auto& [key, part] : target.items()) CHECK(is_written(full["targets"], key));
  for (const auto& [key, part] : target["gaps"]["items"]["properties"].items()) {
    CHECK(is_written(full["targets"][0]["gaps"], key));
  }
  for (const auto& [key, part] : properties["options"]["properties"].items()) {
    CHECK(full["options"].contains(key));
  }
}

TEST_CASE("the JSON of idle has the verdicts and the bounds in seconds") {
  const json target = written(full_result())["targets"][0];
  CHECK(target["target"] == "192.0.2.1:7007");
  CHECK(target["longest_alive_s"] == 30.0);
  CHECK(target["socket"]["dscp"] == 46);
  CHECK(written(full_result())["targets"][1]["socket"].is_null());
  CHECK(target["shortest_dead_s"] == 40.5);
  CHECK(target["gaps"][0]["verdict"] == "alive");
  CHECK(target["gaps"][0]["after_s"] == 30.001);
  CHECK(target["gaps"][1]["gap_s"] == 60.0);
  CHECK(target["gaps"][1]["after_s"] == 40.5);
  CHECK(target["gaps"][2]["acknowledged"] == true);
  CHECK(target["gaps"][4]["verdict"].is_null());
  CHECK(target["gaps"][4]["error"] == "no route");
  CHECK(written(full_result())["require"]["met"] == false);
}

TEST_CASE("bounds that are not known are null") {
  const json alive = written(made_result({spoke(30s, Verdict::alive)}))["targets"][0];
  CHECK(alive["longest_alive_s"] == 30.0);
  CHECK(alive["shortest_dead_s"].is_null());
  const json dead = written(made_result({spoke(30s, Verdict::reset)}))["targets"][0];
  CHECK(dead["longest_alive_s"] == 0.0);
  CHECK(dead["shortest_dead_s"] == 30.0);
  const json nothing = written(made_result({}));
  CHECK(nothing["targets"][0]["longest_alive_s"].is_null());
  CHECK(nothing["error"] == "no gap was measured");
}

}  // namespace
}  // namespace echo::testing
