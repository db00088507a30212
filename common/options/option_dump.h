#pragma once

#include <string>

#include "common/options/option_spec.h"

namespace echo {

// The option table as JSON, from which the build makes manual pages and completion:
//   { "program", "version", "commands": [ { "name", "summary",
//     "positionals": [ OPTION... ], "options": [ OPTION... ] } ] }
// where OPTION is { "names": [...], "value", "help", "default", "choices": [...], "list",
// "required", "reloadable" }. What the help does not show is not in it.
std::string options_as_json(const ProgramSpec& program);

}  // namespace echo
