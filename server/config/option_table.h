#pragma once

#include <string>
#include <vector>

#include "common/options/option_spec.h"
#include "server/core/options.h"

namespace echo {

// Every setting of echod, bound to the options, which must outlive the result. The configuration
// file may have all of them.
std::vector<OptionSpec> option_table(Options& options);

// Keys that differ between `wanted` and `running` but need a restart, such as "listen".
std::vector<std::string> changed_but_need_restart(Options wanted, Options running);

}  // namespace echo
