#pragma once

#include <string_view>

namespace echo {

// What kept a load from more.
enum class LimitedBy { rate, server, generator, connections };
std::string_view name(LimitedBy limit);

}  // namespace echo
