#pragma once

#include <doctest/doctest.h>

#include <cstddef>
#include <string>

namespace echo::testing {

// Whether the part is in the text.
[[nodiscard]] inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

// Checks that the part is in the text, and shows both if it is not.
inline void has_text(const std::string& text, const std::string& part) {
  CAPTURE(text);
  CAPTURE(part);
  CHECK(has(text, part));
}

// How often the part is in the text.
[[nodiscard]] inline std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++found;
  return found;
}

}  // namespace echo::testing
