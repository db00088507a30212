#pragma once

#include <string>
#include <string_view>

#include "common/poll.h"

namespace echo {

// What a program says on its standard streams. Nothing here throws or aborts because of the reader:
// a closed or full stream costs its text. Any thread.

// The text with its control characters written out as \x0a, so that it is one line wherever it is
// shown and does nothing to a terminal.
std::string printable(std::string_view text);

// Writes the text to a descriptor that may be non-blocking or have a slow reader, and takes what
// was written off its front. 0, ETIMEDOUT at the deadline, EINTR once `interrupt` (a descriptor, -1
// for none) is readable and the reader takes nothing, or the errno of the failure.
int write_until(int file, std::string_view& text, SteadyTime deadline, int interrupt);

// One line on standard error, for what must be said where there is no log. A stuck reader costs the
// line after a second; no exit status depends on it.
// In systemd's journal it has the priority of an error, or of a warning.
void print_error(std::string_view text) noexcept;
void print_warning(std::string_view text) noexcept;

// Writes all of the text, even if standard output is non-blocking or its reader is slow. If it
// can't be written, says why on standard error and returns false; the exit status is then not 0.
// When `interrupt` (a descriptor, -1 for none) becomes readable, a reader that takes nothing is no
// longer waited for.
bool print(std::string_view text, int interrupt = -1) noexcept;

}  // namespace echo
