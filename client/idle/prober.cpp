#include "client/idle/prober.h"

#include <algorithm>
#include <exception>

#include "client/wire/resolver.h"
#include "common/console.h"

namespace echo::idle {
namespace {

using Clock = std::chrono::steady_clock;

}  // namespace

Prober::Prober(const Options& options, Signals& stop)
    : options_(options),
      stop_(stop),
      shared_{{options.connect_timeout, options.timeout, options.keepalive},
              Payload(options.seed)} {}

Result Prober::run() {
  Result result{options_, std::chrono::system_clock::now(), false, {}};
  result.partial = !resolve_all() || !probe();
  for (const Probed& one : probed_) {
    result.targets.push_back(one.target ? one.target->result()
                                        : TargetResult{one.name, one.error, {}});
  }
  return result;
}

bool Prober::resolve_all() {
  for (const Address& address : options_.addresses) {
    Probed& one = probed_.emplace_back();
    one.name = printable(address.text());
    try {
      Resolver resolver(address);
      const auto endpoints = resolver.resolve(stop_.descriptor());
      if (!endpoints) {
        one.error = "interrupted before its address was known";
        return false;
      }
      one.target = std::make_unique<Target>(one.name, *endpoints, options_, shared_);
    } catch (const std::exception& error) {
      one.error = error.what();
    }
  }
  return true;
}

bool Prober::probe() {
  Countdown countdown;
  for (const Probed& one : probed_) {
    if (one.target) one.target->begin(Clock::now());
  }
  while (true) {
    for (const Probed& one : probed_) {
      if (one.target) one.target->collect(Clock::now());
    }
    if (is_over()) return true;
    const SteadyTime now = Clock::now();
    if (now >= countdown.due()) countdown.show(waiting(now), now);
    const SteadyTime first = prepare();
    const SteadyTime asked_at = Clock::now();
    poll_until(entries_, std::min(first, countdown.due()));
    if (entries_.front().revents != 0) return false;
    advance(Clock::now(), asked_at);
  }
}

bool Prober::is_over() const {
  return std::ranges::all_of(
      probed_, [](const Probed& one) { return !one.target || one.target->is_over(); });
}

SteadyTime Prober::prepare() {
  SteadyTime first = kNever;
  entries_.assign(1, {stop_.descriptor(), POLLIN, 0});
  for (const Probed& one : probed_) {
    if (!one.target) continue;
    for (const auto& connection : one.target->running()) {
      entries_.push_back(connection->wanted());
      // One that could not even begin is over already.
      first = std::min(first, connection->is_over() ? SteadyTime() : connection->deadline());
    }
  }
  return first;
}

// In the order of prepare(). An answer may have come since poll(2) looked: then it asks once more.
void Prober::advance(SteadyTime now, SteadyTime asked_at) {
  auto entry = entries_.begin();
  for (const Probed& one : probed_) {
    if (!one.target) continue;
    for (const auto& connection : one.target->running()) {
      if ((++entry)->revents != 0) {
        connection->on_ready(now);
      } else if (asked_at >= connection->deadline()) {
        connection->on_deadline(now);
      }
    }
  }
}

Waiting Prober::waiting(SteadyTime now) const {
  Waiting waiting;
  SteadyTime next = kNever;
  SteadyTime last = now;
  for (const Probed& one : probed_) {
    if (!one.target) continue;
    waiting.step = std::max(waiting.step, one.target->step());
    waiting.connections += one.target->running().size();
    for (const auto& connection : one.target->running()) {
      next = std::min(next, connection->speaks_at(now));
      last = std::max(last, connection->speaks_at(now) + options_.timeout);
    }
  }
  waiting.next = next - now;
  waiting.most = last - now;
  return waiting;
}

}  // namespace echo::idle
