#pragma once

#include <string>
#include <string_view>

namespace echo {

// The text with its control characters written out as \x0a, so that it is one line wherever it is
// shown and does nothing to a terminal.
std::string printable(std::string_view text);

// One line on standard error, for what must be said where there is no log. Never throws: a closed
// or full standard error changes no exit code.
void print_error(std::string_view text) noexcept;

}  // namespace echo
