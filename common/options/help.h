#pragma once

#include <cstddef>
#include <string>

#include "common/options/option_spec.h"

namespace echo {

// The help of a command, made from the option table: no line is longer than `width` unless a single
// word is.
std::string help_text(const ProgramSpec& program, const CommandSpec& command, std::size_t width);

// COLUMNS of the environment, or else the columns of the terminal that standard output is; 80 if it
// is not a terminal, and at least 40.
std::size_t help_width();

}  // namespace echo
