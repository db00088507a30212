#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <stdexcept>
#include <string_view>

#include <nlohmann/json.hpp>

namespace echo {

// Values of a saved JSON result that a person or another program may have written.

// That the value of this key cannot be used.
inline std::runtime_error wrong_value(std::string_view key) {
  return std::runtime_error(fmt::format("'{}' is not what a result of echoc load has there", key));
}

// Throws wrong_value(); the library would make a large number of a negative one.
inline std::uint64_t count_of(const nlohmann::json& saved, const char* key) {
  const nlohmann::json& value = saved.at(key);
  if (!value.is_number_unsigned()) throw wrong_value(key);
  return value.get<std::uint64_t>();
}

}  // namespace echo
