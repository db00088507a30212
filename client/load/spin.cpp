#include "client/load/spin.h"

namespace echo::load {
namespace {

using namespace std::chrono_literals;

// Two polls that are so far apart had somebody else's work between them.
constexpr auto kTakenAway = 100us;

}  // namespace

Spin::Spin(std::chrono::nanoseconds limit, bool adaptive)
    : limit_(limit), adaptive_(adaptive), usually_late_(limit / 2) {}

SteadyTime Spin::wait_until(SteadyTime now, const Awaited& awaited) {
  if (limit_ == 0ns) return awaited.deadline;
  const bool for_due = polls_for_due(now, awaited.due);
  const bool for_answer = polls_for_answer(now, awaited);
  with_events_ = false;
  polled_at_ = for_due || for_answer ? now : SteadyTime();
  sleeps_until_ = kNever;
  yields_ = adaptive_ && for_answer && !for_due;
  if (for_due || for_answer) return now;
  if (due_wait_.polls) sleeps_until_ = awaited.due - lead();
  return std::min(awaited.deadline, sleeps_until_);
}

void Spin::woke(SteadyTime now, bool with_events) {
  with_events_ = with_events;
  if (with_events) {
    if (answer_wait_.polls && polled_at_ != SteadyTime()) answer_wait_.trial.succeeded();
  } else if (sleeps_until_ != kNever && now >= sleeps_until_) {
    usually_late_ =
        std::max(std::min(now - sleeps_until_, limit_), usually_late_ - usually_late_ / 16);
  }
}

bool Spin::polls_for_due(SteadyTime now, SteadyTime due) {
  if (due != due_) {
    if (due_wait_.polls && polled_at_ != SteadyTime()) due_wait_.trial.succeeded();
    due_ = due;
    due_wait_.polls = due != kNever && (!adaptive_ || due_wait_.trial.should_try());
  } else if (due_wait_.polls && taken_away(now)) {
    due_wait_.trial.failed();
    due_wait_.polls = false;
  }
  return due_wait_.polls && due - now <= lead();
}

bool Spin::polls_for_answer(SteadyTime now, const Awaited& awaited) {
  if (awaited.answers == 0 || awaited.answers > kFewAnswers) {
    answer_wait_.polls = false;
    return false;
  }
  if (with_events_ || awaited.begun != begun_) {
    begun_ = awaited.begun;
    answer_since_ = now;
    answer_wait_.polls = !adaptive_ || answer_wait_.trial.should_try();
  } else if (answer_wait_.polls && (now - answer_since_ >= limit_ || taken_away(now))) {
    answer_wait_.trial.failed();
    answer_wait_.polls = false;
  }
  return answer_wait_.polls;
}

bool Spin::taken_away(SteadyTime now) const {
  return adaptive_ && !with_events_ && polled_at_ != SteadyTime() && now - polled_at_ > kTakenAway;
}

std::chrono::nanoseconds Spin::lead() const {
  return adaptive_ ? std::min(limit_, 2 * usually_late_) : limit_;
}

}  // namespace echo::load
