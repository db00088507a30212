#pragma once

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

namespace echo::testing {

// What must add up in every JSON result, whatever happened in its run.
inline void check_identities(const nlohmann::json& result) {
  CAPTURE(result.dump(1).substr(0, 4000));
  const auto sum = [](const nlohmann::json& object, std::initializer_list<const char*> keys) {
    std::uint64_t total = 0;
    for (const char* key : keys) total += object.at(key).get<std::uint64_t>();
    return total;
  };
  const auto& messages = result.at("messages");
  const auto& connections = result.at("connections");
  CHECK(messages.at("verified") == messages.at("echoed"));
  // A byte that came when nothing was outstanding is corrupt and belongs to no message.
  CHECK(sum(messages, {"sent"}) <=
        sum(messages, {"echoed", "corrupt", "timed_out", "lost", "in_flight"}));
  CHECK(sum(messages, {"sent"}) >= sum(messages, {"echoed", "timed_out", "lost", "in_flight"}));
  CHECK(result.at("errors").at("total") ==
        sum(messages, {"corrupt", "timed_out", "lost", "unsent"}) +
            sum(connections, {"failed", "lost"}));
  CHECK(result.at("latency").at("count") == messages.at("echoed"));
  CHECK(result.at("service_time").at("count") == messages.at("echoed"));
  CHECK(result.at("latency").at("unanswered") ==
        sum(messages, {"corrupt", "timed_out", "lost", "unsent"}));

  std::uint64_t echoed = 0;
  std::uint64_t errors = 0;
  std::uint64_t unsent = 0;
  for (const auto& row : result.at("intervals")) {
    echoed += row.at("echoed").get<std::uint64_t>();
    errors += row.at("errors").get<std::uint64_t>();
    unsent += row.at("unsent").get<std::uint64_t>();
    CHECK(row.at("p50").is_null() == (row.at("echoed") == 0));
  }
  if (!result.at("intervals").empty()) {
    CHECK(echoed == messages.at("echoed"));
    CHECK(errors == result.at("errors").at("total"));
    CHECK(unsent == messages.at("unsent"));
  }
}

}  // namespace echo::testing
