#pragma once

#include <stdexcept>

namespace echo {

// A mistake of the user's, on the command line or in a file that it names: what() is one line
// without the program's name.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace echo
