#pragma once

#include "common/descriptor.h"

namespace echo {

// SIGINT and SIGTERM as something to poll: readable for ever once one has come.
// Made before the process has other threads, so that they inherit the blocked signals.
class StopSignal {
 public:
  StopSignal();  // throws std::system_error

  int descriptor() const { return descriptor_.get(); }
  bool came() const;

 private:
  Descriptor descriptor_;
};

}  // namespace echo
