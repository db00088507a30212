#include "client/commands/pinger.h"

#include <algorithm>
#include <csignal>

#include "common/exit_code.h"

namespace echo {
namespace {

using Clock = std::chrono::steady_clock;

}  // namespace

Pinger::Pinger(const PingOptions& options, Signals& stop)
    : stop_(stop), parts_(options, stop.descriptor()) {
  for (const Address& address : options.addresses) {
    targets_.push_back(std::make_unique<PingTarget>(address, parts_));
  }
}

int Pinger::run() {
  parts_.epoll.add(stop_.descriptor(), EPOLLIN, &stop_);
  parts_.epoll.add(pulse_.descriptor(), EPOLLIN, &pulse_);
  const SteadyTime start = Clock::now();
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    targets_[i]->begin(first_due(start, parts_.options.interval, i, targets_.size()));
  }
  while (!is_over()) turn();
  if (parts_.needs_first_connection() && !targets_.front()->was_connected()) {
    return exit_interrupted;
  }
  print_summaries();
  show();
  return status();
}

void Pinger::turn() {
  const SteadyTime now = Clock::now();
  SteadyTime deadline = kNever;
  for (const auto& target : targets_) {
    target->on_time(now, told_until_);
    deadline = std::min(deadline, target->deadline());
  }
  show();
  if (parts_.output.is_lost()) return stop_all();
  if (is_over()) return;
  const SteadyTime asked_at = Clock::now();
  const auto ready = parts_.epoll.wait(asked_at, deadline);
  if (ready.size() < Epoll::kMost) told_until_ = asked_at;
  for (const epoll_event& event : ready) {
    if (event.data.ptr == &stop_) {
      take_signals();
    } else if (event.data.ptr == &pulse_) {
      pulse_.answer();
    } else {
      const auto& watch = *static_cast<const PingTarget::Watch*>(event.data.ptr);
      watch.target->on_ready(watch, event.events);
    }
  }
}

// A reader that takes nothing is waited for until a signal ends the ping.
void Pinger::show() {
  while (!parts_.output.flush()) {
    if (take_signals()) parts_.output.give_up();
  }
}

// Whether one of them ends the ping: SIGQUIT only wants to know, as in ping(8).
bool Pinger::take_signals() {
  bool ends = false;
  while (const auto signal = stop_.take()) {
    if (*signal == SIGQUIT) {
      if (!is_over()) print_summaries();  // the last ones are under way
    } else {
      ends = is_interrupted_ = true;
      stop_all();
    }
  }
  return ends;
}

void Pinger::stop_all() {
  for (const auto& target : targets_) target->stop();
}

bool Pinger::is_over() const {
  return std::ranges::all_of(targets_, [](const auto& target) { return target->is_over(); });
}

void Pinger::print_summaries() {
  const SteadyTime now = Clock::now();
  for (const auto& target : targets_) parts_.output.write(target->summary(now));
}

// The most serious of all targets.
int Pinger::status() const {
  const auto any = [this](auto is) {
    return std::ranges::any_of(targets_, [is](const auto& target) { return is(*target); });
  };
  if (any([](const PingTarget& one) { return one.tally().any_corrupt(); })) return exit_corrupt;
  const bool has_count = parts_.options.count != 0;
  const auto is_unfinished = [has_count](const PingTarget& one) {
    return has_count ? !one.is_count_reached() : one.tally().count() == 0;
  };
  if (is_interrupted_ && any(is_unfinished)) return exit_interrupted;
  const bool has_lost = any([](const PingTarget& one) { return one.tally().any_lost(); });
  return has_lost || parts_.output.is_lost() ? exit_failed : exit_ok;
}

}  // namespace echo
