// The run itself: what is due is released in time, the rest is waiting for what comes.
#include <algorithm>
#include <utility>

#include "client/load/generator.h"

namespace echo::load {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

// So many messages are released before the sockets get their turn again.
constexpr int kReleasedAtOnce = 64;

// So much patience after a stop, and at the end when nothing more is owed.
constexpr nanoseconds kPatience = 1s;

}  // namespace

void Generator::begin_to_send() {
  const LoadOptions& options = job_.options;
  for (std::uint64_t i = 0; i < connections_.size(); ++i) {
    const std::uint64_t index = first_index_ + i;
    const std::uint64_t first = context_.schedule.first(index);
    const std::uint64_t limit = options.count == 0
                                    ? Connection::kNoLimit
                                    : first + share(options.count, index, all_connections_);
    connections_[i]->assign(index, first, limit);
  }
  context_.recorder.measure_from(timeline_.measured_from);
  plan_interval(timeline_.measured_from + options.interval);
  next_check_ = timeline_.start;
  context_.sending = true;
  find_next_release();
}

void Generator::load() {
  while (phase_ != Phase::over) {
    const SteadyTime now = Clock::now();
    release(now);
    keep_time(now);
    step(std::min({next_release_, next_check_, next_interval_, timeline_.end, give_up_at_}));
  }
  publish();
}

// The last interval lasts until the last answer.
void Generator::plan_interval(SteadyTime next) {
  next_interval_ = next < timeline_.end ? next : SteadyTime::max();
}

void Generator::release(SteadyTime now) {
  for (int i = 0; i < kReleasedAtOnce && next_release_ <= now; ++i) {
    release_next(now);
    find_next_release();
    now = Clock::now();
  }
}

void Generator::release_next(SteadyTime now) {
  Connection& connection = *connections_[next_++];
  const bool all_at_once = !context_.schedule.open_loop();
  connection.make_due(all_at_once ? connection.limit() - connection.first() : 1, now);
}

// In an open loop the connections take turns for ever; in a closed one each joins in once.
void Generator::find_next_release() {
  const Schedule& schedule = context_.schedule;
  std::size_t passed = 0;  // connections without a message left, one after another
  while (passed < connections_.size()) {
    if (next_ == connections_.size()) {
      if (!schedule.open_loop()) break;
      next_ = 0;
      ++round_;
    }
    const std::uint64_t index = first_index_ + next_;
    const Connection& connection = *connections_[next_];
    next_release_ = schedule.open_loop() ? schedule.due(index, round_) : schedule.joins(index);
    if (next_release_ >= timeline_.end) break;
    if (!schedule.open_loop()) return;
    if (round_ >= connection.first() && round_ < connection.limit()) return;
    passed = round_ < connection.first() ? 0 : passed + 1;
    ++next_;
  }
  next_release_ = SteadyTime::max();
}

void Generator::keep_time(SteadyTime now) {
  check_deadlines(now);
  if (now >= next_interval_) {
    publish();
    plan_interval(next_interval_ + job_.options.interval);
  }
  advance(now);
}

void Generator::advance(SteadyTime now) {
  if (phase_ == Phase::sending) {
    const bool all_begun = next_release_ == SteadyTime::max() && context_.waiting == 0;
    const bool time_is_up = now >= timeline_.end;
    // In an open loop what was due is still sent after the end, as long as a message may take.
    if (time_is_up && give_up_at_ == SteadyTime::max()) {
      timeline_.end = SteadyTime::max();
      give_up_at_ = context_.schedule.open_loop() ? now + job_.options.timeout : now;
      next_release_ = SteadyTime::max();
    }
    if (stop_ || all_begun || now >= give_up_at_) begin_to_drain();
  }
  if (phase_ == Phase::draining && stop_) {
    give_up_at_ = std::min(give_up_at_, now + std::min(kPatience, job_.options.timeout));
  }
  if (phase_ == Phase::draining && (context_.recorder.in_flight == 0 || now >= give_up_at_)) {
    begin_to_finish(now);
  }
  if (phase_ == Phase::finishing && (context_.finishing == 0 || now >= give_up_at_)) {
    for (const auto& connection : connections_) connection->abandon();
    phase_ = Phase::over;
  }
}

// Each message under way ends by an answer, a loss or its own timeout.
void Generator::begin_to_drain() {
  phase_ = Phase::draining;
  next_release_ = SteadyTime::max();
  context_.sending = false;
  context_.stage = Context::Stage::ending;
  context_.recorder.part->connections = context_.recorder.up;
  const bool owed = context_.schedule.open_loop() || job_.options.count != 0;
  if (owed) context_.recorder.counters.messages.unsent += context_.waiting;
  give_up_at_ = SteadyTime::max();
}

void Generator::begin_to_finish(SteadyTime now) {
  phase_ = Phase::finishing;
  give_up_at_ = now + std::min(kPatience, job_.options.timeout);
  for (const auto& connection : connections_) connection->finish();
}

void Generator::publish() {
  Recorder& recorder = context_.recorder;
  if (phase_ == Phase::sending) recorder.part->connections = recorder.up;
  {
    const std::lock_guard lock(parts_mutex_);
    const std::uint64_t number = recorder.part->number + 1;
    parts_.push_back(std::move(recorder.part));
    if (spare_parts_.empty()) {
      recorder.part = std::make_unique<IntervalPart>();
    } else {
      recorder.part = std::move(spare_parts_.back());
      spare_parts_.pop_back();
    }
    recorder.part->number = number;
    recorder.part->errors = 0;
  }
  news_.signal();
}

}  // namespace echo::load
