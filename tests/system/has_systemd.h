#pragma once

#include <doctest/doctest.h>

#include "tests/support/process.h"

namespace echo::testing {

// Whether units can be checked here; says that the case is skipped if not.
inline bool has_systemd() {
  if (run_program({"sh", "-c", "command -v systemd-analyze"}).status == 0) return true;
  MESSAGE("skipped: needs systemd-analyze of the package systemd");
  return false;
}

}  // namespace echo::testing
