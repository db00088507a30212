#pragma once

#include <string>

namespace echo {

// The whole text of a configuration file. Throws UsageError unless it is a readable regular file of
// at most 1 MiB.
std::string read_config_text(const std::string& file);

}  // namespace echo
