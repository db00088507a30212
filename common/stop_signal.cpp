#include "common/stop_signal.h"

#include <poll.h>
#include <pthread.h>
#include <sys/signalfd.h>

#include <cerrno>
#include <csignal>
#include <system_error>

namespace echo {
namespace {

Descriptor block_and_open() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return Descriptor(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
}

}  // namespace

StopSignal::StopSignal() : descriptor_(block_and_open()) {
  if (!descriptor_) throw std::system_error(errno, std::generic_category(), "signalfd");
}

// Never reads the signal: pending it stays, and every later wait ends at once as well.
bool StopSignal::came() const {
  pollfd entry{descriptor_.get(), POLLIN, 0};
  return ::poll(&entry, 1, 0) > 0;
}

}  // namespace echo
