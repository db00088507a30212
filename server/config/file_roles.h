#pragma once

#include <string>

#include "server/core/options.h"

namespace echo {

// Throws UsageError if two options name one file, however it is spelled, or if a file that echod
// comes back to would be found elsewhere by a daemon. Opens nothing. `config_file` may be empty.
void check_file_roles(const Options& options, const std::string& config_file);

}  // namespace echo
