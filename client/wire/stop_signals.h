#pragma once

#include "common/signals.h"

namespace echo {

// The signals that end a command regularly, with what it has measured so far: INT, TERM, HUP and
// QUIT. A HUP that is ignored at the start, as nohup(1) has it, stays ignored.
Signals stop_signals();

}  // namespace echo
