#pragma once

#include <variant>

#include "common/exit_code.h"
#include "common/usage_error.h"
#include "server/core/options.h"

namespace echo {

// The options, or the exit code of a run that ends here: help, version and the result of
// --check-config are printed on standard output, a mistake as one line on standard error.
std::variant<Options, ExitCode> parse_options(int argc, const char* const* argv);

// The options as command line and configuration file say now. Throws UsageError.
Options read_options(int argc, const char* const* argv);

}  // namespace echo
