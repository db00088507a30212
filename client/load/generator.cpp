#include "client/load/generator.h"

#include <sys/prctl.h>

#include <string>

namespace echo::load {

Generator::Generator(const Job& job, unsigned number, std::uint64_t connections,
                     std::uint64_t first, WakeEvent& news)
    : connections_(connections),
      first_(first),
      mailbox_(news),
      intervals_(news),
      loop_(job, mailbox_, intervals_),
      thread_("generator-" + std::to_string(number), [this] { run(); }) {}

Generator::~Generator() {
  mailbox_.stop(Mailbox::Stop::now);
}

void Generator::join() {
  thread_.join();
  if (failure_) std::rethrow_exception(failure_);
}

// The thread's top frame. Whatever ends it is the owner's to report, and the owner must learn that
// nothing more will come.
void Generator::run() {
  try {
    // The default slack of 50 us would be part of every measured lateness: prctl(2).
    ::prctl(PR_SET_TIMERSLACK, 1);
    loop_.run(connections_, first_);
  } catch (...) {
    failure_ = std::current_exception();
    failed_.store(true, std::memory_order_release);
  }
  mailbox_.report(Mailbox::Stage::finished);
}

}  // namespace echo::load
