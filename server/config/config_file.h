#pragma once

#include <span>
#include <string>

#include "common/options/option_spec.h"

namespace echo {

// Reads a configuration file, TOML 1.0 whose keys are the long names of the options, and gives the
// options its values. Throws UsageError for the first fault, with the file, the line, the key and
// the value; some options may have new values by then. The file must be a regular one of at most
// 1 MiB.
void read_config_file(const std::string& file, std::span<const OptionSpec> options);

}  // namespace echo
