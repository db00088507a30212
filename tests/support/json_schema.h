#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace echo::testing {

// What in `value` a JSON schema does not allow, or does not describe although it describes other
// keys beside it: one line each, with the place. Knows what our schemas use: type, const, enum,
// minimum, properties, required, additionalProperties, items and $ref into $defs.
std::vector<std::string> schema_faults(const nlohmann::json& schema, const nlohmann::json& value);

}  // namespace echo::testing
