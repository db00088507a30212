#pragma once

#include <string>

namespace echo {

// All of a saved result: JSON or a .hlog file; "-" is standard input. Throws std::runtime_error,
// which names the path, for what cannot be read or has no end, such as a device. Any thread.
std::string read_saved_text(const std::string& path);

}  // namespace echo
