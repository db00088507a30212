#pragma once

#include <string>

#include "client/results/result.h"

namespace echo {

// The version of the result's schema, docs/result.schema.json.
inline constexpr int kResultSchema = 2;

// The result for programs. Times are in microseconds unless the key says otherwise; keys may be
// added but are never renamed. What was not measured is null. Valid UTF-8.
std::string json_report(const Result& result);

}  // namespace echo
