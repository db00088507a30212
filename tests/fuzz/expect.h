#pragma once

#include <cstdio>
#include <cstdlib>

namespace echo::testing {

// A failure is what libFuzzer calls a crash and keeps with the input that led to it.
inline void expect(bool condition, const char* file = __builtin_FILE(),
                   int line = __builtin_LINE()) {
  if (condition) return;
  std::fprintf(stderr, "%s:%d: expectation failed\n", file, line);
  std::abort();
}

}  // namespace echo::testing
