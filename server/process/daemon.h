#pragma once

#include <span>

#include "common/descriptor.h"

namespace echo {

// The process in the background that goes on in place of the one that was called (daemon(7)).
// Owner: main, before any thread or io_context exists.
class Daemon {
 public:
  // Does nothing unless it is wanted. Otherwise it returns in the child alone, which leads a
  // session of its own in the folder "/". The parent waits and ends: with 0 once the child calls
  // started(), else with the child's exit code. A signal that ends it ends the child too, so that
  // its status always says whether there is a daemon. Throws std::exception. Descriptors that it
  // was started with, other than the standard streams and those to be kept, are closed in the
  // child: they may belong to anybody, and a daemon would hold them for ever.
  Daemon(bool wanted, std::span<const Descriptor> kept);

  // Puts the standard streams on /dev/null, standard error only if it is not to be kept, and lets
  // the parent go. Throws std::exception when nobody waits for it any more.
  void started(bool keep_standard_error);

 private:
  Descriptor parent_;
};

}  // namespace echo
