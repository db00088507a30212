#pragma once

#include <initializer_list>
#include <optional>

#include "common/descriptor.h"

namespace echo {

// Signals as readable events (signalfd(2)) instead of handlers.
// Owner: main, before the first thread starts, because threads inherit the blocked signals.
class Signals {
 public:
  // Blocks the signals, which then wait until a Signals takes them, and ignores SIGPIPE and
  // SIGXFSZ: for the time in which others are to keep their default action.
  static void hold(std::initializer_list<int> signals);

  // Holds the signals likewise. Without these two, a write to a peer or a pipe that is gone,
  // or beyond the limit on the size of a file, is an error of that write. Throws std::system_error.
  explicit Signals(std::initializer_list<int> signals);

  // Readable while one of the signals is pending.
  int descriptor() const { return descriptor_.get(); }

  // Takes the next one if there is one; never waits.
  std::optional<int> take();

 private:
  Descriptor descriptor_;
};

}  // namespace echo
