#pragma once

namespace echo {

// What a program's exit status says; scripts rely on the numbers.
enum ExitCode : int {
  exit_ok = 0,
  exit_failed = 1,  // echod: could not start or run; echoc: connections or messages failed
  exit_usage = 2,   // command line or configuration
  exit_forced = 3,  // echod: the drain timeout or a second signal forced connections shut
  exit_objective_missed = 3,  // echoc: --slo, --require, --require-rate or --fail was missed
  exit_corrupt = 4,           // echoc: bytes came back wrong
  exit_interrupted = 130,     // echoc: stopped by a signal before its work was done
};

}  // namespace echo
