#pragma once

#include <nlohmann/json.hpp>

#include "client/results/result.h"

namespace echo {

// A JSON result's "tcp"; null where the kernel was not asked or had nothing to tell.
nlohmann::ordered_json tcp_json(const Result& result);

// Takes it from the result, if it has one.
void read_tcp(Result& result, const nlohmann::json& json);

}  // namespace echo
