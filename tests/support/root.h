#pragma once

#include <doctest/doctest.h>
#include <unistd.h>

namespace echo::testing {

// For cases of the label "root": whether they can run; says so if they are skipped.
inline bool is_root() {
  if (::geteuid() == 0) return true;
  MESSAGE("skipped: needs root");
  return false;
}

}  // namespace echo::testing
