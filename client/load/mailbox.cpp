#include "client/load/mailbox.h"

#include <utility>

namespace echo::load {

void Mailbox::start(const Start& start) {
  start_ = start;
  started_ = true;
  wake_.signal();
}

void Mailbox::stop(Stop how) {
  stop_ = how;
  wake_.signal();
}

void Mailbox::send_addresses(const std::vector<Endpoint>& endpoints) {
  {
    const MutexLock lock(mutex_);
    addresses_ = endpoints;
  }
  wake_.signal();
}

std::optional<std::vector<Endpoint>> Mailbox::take_addresses() {
  const MutexLock lock(mutex_);
  return std::exchange(addresses_, std::nullopt);
}

void Mailbox::report(Stage stage) {
  stage_ = stage;
  news_.signal();
}

void Mailbox::want_addresses() {
  wants_addresses_ = true;
  news_.signal();
}

}  // namespace echo::load
