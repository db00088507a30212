#include "common/standard_output.h"

#include <cerrno>
#include <cstdio>
#include <stdexcept>
#include <system_error>

namespace echo {

void write_to_standard_output(const std::string& text) {
  if (std::fputs(text.c_str(), stdout) < 0 || std::fflush(stdout) != 0) {
    throw std::runtime_error("cannot write to standard output: " +
                             std::generic_category().message(errno));
  }
}

}  // namespace echo
