#include "client/load/load_loop.h"

#include <sched.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <utility>

namespace echo::load {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

// So many at once: a crowd of connection requests must not overflow the server's backlog.
constexpr std::uint64_t kConnectingAtOnce = 128;

// So many messages are released before the sockets get their turn again.
constexpr int kReleasedAtOnce = 64;

// So much patience after a stop, and at the end when nothing more is owed.
constexpr std::chrono::nanoseconds kPatience = 1s;

// While an answer is awaited the loop wakes up this often, to notice that it was not running.
constexpr std::chrono::nanoseconds kTick = 10ms;

// Looking at all connections must not be all that the loop does when many deadlines are close.
std::chrono::nanoseconds shortest_check(std::size_t connections) {
  return 1ms + static_cast<std::int64_t>(connections) * 100ns;
}

std::chrono::nanoseconds thread_cpu() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

LoadLoop::LoadLoop(const Job& job, Mailbox& mailbox, IntervalQueue& queue)
    : job_(job), mailbox_(mailbox), parts_(job, queue) {
  parts_.epoll.add(mailbox.descriptor(), EPOLLIN, nullptr);
}

void LoadLoop::run(std::uint64_t connections, std::uint64_t first) {
  connect_all(connections, first);
  mailbox_.report(Mailbox::Stage::ready);
  wait_for_start();
  if (!mailbox_.has_started()) return;
  mailbox_.report(Mailbox::Stage::running);
  load();
}

void LoadLoop::connect_all(std::uint64_t asked, std::uint64_t first) {
  const auto& sources = job_.sources;
  auto& counted = parts_.recorder.counters().connections;
  connections_.reserve(asked);
  const auto settled = [&] { return parts_.recorder.open() + counted.failed; };
  while (settled() < asked && mailbox_.stop() == Mailbox::Stop::no) {
    while (connections_.size() < asked && connections_.size() - settled() < kConnectingAtOnce) {
      const std::uint64_t number = first + connections_.size();
      const Endpoint* source = sources.empty() ? nullptr : &sources[number % sources.size()];
      connections_.push_back(std::make_unique<Connection>(parts_, source));
      connections_.back()->connect(Clock::now());
    }
    if (settled() == asked) break;
    turn(Clock::now(), parts_.alarm.time());
    check_connections(Clock::now());
  }
  std::erase_if(connections_,
                [](const auto& one) { return one->state() != Connection::State::up; });
  for (const auto& connection : connections_) connection->keep_up();
  counted.asked = asked;
  counted.made = connections_.size();
}

void LoadLoop::wait_for_start() {
  while (!mailbox_.has_started() && mailbox_.stop() == Mailbox::Stop::no) {
    turn(Clock::now(), parts_.alarm.time());
    check_connections(Clock::now());
  }
}

void LoadLoop::load() {
  begin_to_send();
  SteadyTime now = Clock::now();
  while (phase_ != Phase::over) {
    now = release(now);
    keep_time(now);
    parts_.kernel.sweep.turn(
        now, [&](std::size_t number, auto how) { connections_[number]->look(now, how); });
    turn(now, parts_.spin.wait_until(now, {.due = pacer_.next(),
                                           .deadline = next_deadline(now),
                                           .answers = parts_.recorder.in_flight(),
                                           .begun = parts_.recorder.begun()}));
    if (parts_.spin.yields()) ::sched_yield();
    now = Clock::now();
  }
  end();
}

void LoadLoop::begin_to_send() {
  const Start& start = mailbox_.start();
  parts_.schedule = start.schedule;
  pacer_ = Pacer(start.schedule, start.timeline, start.first, connections_.size(), job_.plan.count);
  for (std::size_t i = 0; i < connections_.size(); ++i) {
    connections_[i]->assign(start.first + i, pacer_.first_message(i), pacer_.quota(i));
    owed_ += pacer_.quota(i);
  }
  parts_.recorder.measure_from(start.timeline.measured_from, job_.plan.interval,
                               start.timeline.end);
  parts_.punctuality.count_pauses_from(start.timeline.measured_from);
  parts_.alarm.set(start.timeline.start);
  if (job_.endpoints.front().data()->sa_family == AF_UNIX) return;
  parts_.kernel.sweep.begin(start.timeline.measured_from, job_.plan.interval, connections_.size());
}

// The one place that waits.
void LoadLoop::turn(SteadyTime now, SteadyTime deadline) {
  parts_.punctuality.waits(now, deadline);
  auto events = parts_.epoll.wait(now, deadline);
  SteadyTime woken_at = Clock::now();
  // Stopped behind the kernel's answer, the process does not know what came meanwhile: it asks
  // again.
  for (SteadyTime due = std::max(now, deadline); woken_at - due > kPause;) {
    due = woken_at;
    events = parts_.epoll.wait(woken_at, woken_at);
    woken_at = Clock::now();
  }
  parts_.punctuality.woke(woken_at, events.size() < Epoll::kMost);
  parts_.spin.woke(woken_at, !events.empty());
  parts_.recorder.publish_until(woken_at);
  for (const epoll_event& event : events) {
    if (event.data.ptr == nullptr) {
      read_mail();
    } else {
      static_cast<Watched*>(event.data.ptr)->on_ready(event.events);
    }
  }
}

void LoadLoop::read_mail() {
  mailbox_.clear();
  if (const auto addresses = mailbox_.take_addresses()) parts_.route.replace(*addresses);
}

SteadyTime LoadLoop::release(SteadyTime now) {
  for (int i = 0; i < kReleasedAtOnce && pacer_.next() <= now; ++i) {
    Connection& connection = *connections_[pacer_.release()];
    now = connection.release(pacer_.messages_per_release(), now);
  }
  return now;
}

SteadyTime LoadLoop::next_deadline(SteadyTime now) const {
  if (phase_ == Phase::over) return now;
  const SteadyTime measuring = cpu_before_ ? kNever : pacer_.timeline().measured_from;
  const SteadyTime end = phase_ == Phase::sending && phase_deadline_ == kNever
                             ? pacer_.timeline().end
                             : phase_deadline_;
  const SteadyTime tick = parts_.recorder.in_flight() > 0 ? now + kTick : kNever;
  return std::min({pacer_.next(), parts_.alarm.time(), parts_.recorder.next_interval(), measuring,
                   end, tick, parts_.kernel.sweep.due()});
}

void LoadLoop::check_connections(SteadyTime now) {
  if (now < parts_.alarm.time()) return;
  parts_.trailing.check(now);
  // A message that begins later has its deadline later.
  parts_.alarm.set(now + job_.plan.timeout);
  if (!parts_.trailing.empty()) parts_.alarm.set_if_earlier(now + kPatience / 10);
  const SteadyTime told_until = parts_.punctuality.told_until();
  const SteadyTime soonest = now + shortest_check(connections_.size());
  for (const auto& connection : connections_) {
    connection->check(now, told_until);
    parts_.alarm.set_if_earlier(std::max(connection->deadline(), soonest));
  }
  if (parts_.route.times_exhausted() == times_exhausted_) return;
  times_exhausted_ = parts_.route.times_exhausted();
  mailbox_.want_addresses();
}

void LoadLoop::keep_time(SteadyTime now) {
  check_connections(now);
  if (!cpu_before_ && now >= pacer_.timeline().measured_from) cpu_before_ = thread_cpu();
  const Mailbox::Stop stop = mailbox_.stop();
  if (phase_ == Phase::sending) {
    if (now >= pacer_.timeline().end && phase_deadline_ == kNever) {
      // In an open loop what was due is still sent, as long as a message may take.
      phase_deadline_ = job_.plan.open_loop() ? now + job_.plan.timeout : now;
    }
    if (stop != Mailbox::Stop::no || all_begun(now) || now >= phase_deadline_) begin_to_drain(now);
  }
  if (phase_ == Phase::draining && stop != Mailbox::Stop::no && phase_deadline_ == kNever) {
    wait_only_briefly(now);
  }
  if (stop == Mailbox::Stop::now) phase_deadline_ = now;
  if (phase_ == Phase::draining && (parts_.recorder.in_flight() == 0 || now >= phase_deadline_)) {
    begin_to_finish(now);
  }
  const bool all_closed = parts_.recorder.open() == 0 && parts_.trailing.empty();
  if (phase_ == Phase::finishing && (all_closed || now >= phase_deadline_)) phase_ = Phase::over;
}

// Connections without another message stand until the time is over, as they were asked for.
bool LoadLoop::all_begun(SteadyTime now) const {
  if (pacer_.next() != kNever || (job_.plan.count == 0 && now < pacer_.timeline().end))
    return false;
  if (job_.plan.open_loop()) return parts_.recorder.begun() == pacer_.released();
  const auto& messages = measured().counters.messages;
  return job_.plan.count != 0 && messages.sent + messages.unsent == owed_;
}

// Each message under way ends by an answer, a loss or its own timeout; after a stop none is waited
// for long.
void LoadLoop::begin_to_drain(SteadyTime now) {
  const bool interrupted = mailbox_.stop() != Mailbox::Stop::no;
  phase_ = Phase::draining;
  owe_the_rest(now);
  phase_deadline_ = kNever;
  ended_at_ = now;
  if (interrupted) wait_only_briefly(now);
  for (const auto& connection : connections_) connection->stop_sending(interrupted, now);
}

// A loop that was held up has not yet released all that was due: that will be unsent.
void LoadLoop::owe_the_rest(SteadyTime now) {
  for (std::size_t i = 0; job_.plan.open_loop() && i < connections_.size(); ++i) {
    connections_[i]->owe(pacer_.owed(i, now));
  }
  pacer_.stop();
}

void LoadLoop::wait_only_briefly(SteadyTime now) {
  phase_deadline_ = now + std::min(kPatience, job_.plan.timeout);
  ended_at_ = now;
  parts_.recorder.end_intervals();
}

void LoadLoop::begin_to_finish(SteadyTime now) {
  const bool interrupted = mailbox_.stop() != Mailbox::Stop::no;
  // What is still under way then was given up: the waiting for it does not count.
  if (parts_.recorder.in_flight() == 0) ended_at_ = now;
  const SteadyTime end = pacer_.timeline().end;
  if (!interrupted && end != kNever) ended_at_ = std::max(ended_at_, end);
  parts_.recorder.end_intervals();
  parts_.kernel.sweep.stop();
  use_.threads = 1;
  if (cpu_before_) use_.cpu = thread_cpu() - *cpu_before_;
  use_.longest_pause = parts_.punctuality.longest_pause();
  phase_ = Phase::finishing;
  phase_deadline_ = now + std::min(kPatience, job_.plan.timeout);
  for (const auto& connection : connections_) connection->finish();
  mailbox_.report(Mailbox::Stage::measured);
}

void LoadLoop::end() {
  for (const auto& connection : connections_) {
    connection->abandon();
    if (connection->was_silent()) ++parts_.recorder.counters().connections.silent;
  }
  parts_.recorder.publish_last(ended_at_);
}

}  // namespace echo::load
