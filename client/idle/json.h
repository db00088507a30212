#pragma once

#include <string>

#include "client/idle/result.h"

namespace echo::idle {

// The result as JSON, as docs/idle.schema.json describes it.
std::string json_text(const Result& result);

}  // namespace echo::idle
