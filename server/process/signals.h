#pragma once

#include <initializer_list>

#include "common/descriptor.h"

namespace echo {

// Signals as readable events (signalfd(2)) in place of handlers.
// Owner: main, before the first thread starts: threads inherit that the signals are blocked.
class Signals {
 public:
  // Blocks the signals, and ignores SIGPIPE: the reader of the log may go away.
  // Throws std::system_error.
  explicit Signals(std::initializer_list<int> signals);

  // Readable while one of the signals waits to be taken.
  int descriptor() const { return descriptor_.get(); }

  // Waits for one of the signals and takes it.
  int take();

 private:
  Descriptor descriptor_;
};

}  // namespace echo
