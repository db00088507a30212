#pragma once

#include <string>
#include <vector>

#include "common/usage_error.h"
#include "server/config/command_line.h"

namespace echo::testing {

inline Options read(const std::vector<std::string>& words) {
  std::vector<const char*> argv{"echod"};
  for (const std::string& word : words) argv.push_back(word.c_str());
  return read_options(static_cast<int>(argv.size()), argv.data());
}

// What is said about these words; "" where nothing is wrong with them.
inline std::string fault(const std::vector<std::string>& words) {
  try {
    read(words);
    return "";
  } catch (const UsageError& error) {
    return error.what();
  }
}

}  // namespace echo::testing
