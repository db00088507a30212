#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include <nlohmann/json.hpp>

namespace echo::testing {

// The blocks of times in a JSON result.
inline constexpr std::array<std::string_view, 4> kResultTimes{"latency", "service_time", "connect",
                                                              "send_lateness"};

inline std::uint64_t count_at(const nlohmann::json& object, const char* key) {
  return object.at(key).get<std::uint64_t>();
}

// Checks what must add up and rise in every JSON result that has intervals, whatever happened.
// REQUIRES: that no more wrong bytes came than a result shows one by one.
void check_sums(const nlohmann::json& result);

// The exit status that the contract has for it.
int status_of(const nlohmann::json& result);

}  // namespace echo::testing
