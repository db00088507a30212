#pragma once

#include <string>

namespace echo {

// Writes all of it at once. Throws std::runtime_error: what nobody can read needs no more work.
void write_to_standard_output(const std::string& text);

}  // namespace echo
