#include "server/core/session_rules.h"

#include <algorithm>
#include <utility>

namespace echo {
namespace {

using namespace std::chrono_literals;
using Clock = Flow::Clock;
using std::chrono::nanoseconds;

// An idle connection is closed within 100 ms of its time, a stalled one within a second.
constexpr auto kIdleLook = 50ms;
constexpr auto kStallLook = 450ms;

// A look that comes so late follows a pause of the whole process. A worker may hold bytes that have
// just left the socket and are not accounted for yet: such a look is made again.
constexpr auto kLate = 10ms;

// How long bytes may be under way before they are looked at. The kernel's stamp makes up for a
// late look; it must come before a keepalive probe, whose answer would overwrite the stamp.
constexpr auto kWatch = 900ms;

// After `start`; a limit of 0 is never reached, and one of centuries not either.
Clock::time_point after(Clock::time_point start, nanoseconds limit) {
  if (limit <= 0ns || limit >= Clock::time_point::max() - start) return Clock::time_point::max();
  return start + limit;
}

nanoseconds watch_period(const SessionLimits& limits, bool exact) {
  const nanoseconds period = exact ? nanoseconds(kWatch) : nanoseconds(kIdleLook);
  return limits.idle_timeout > 0ns ? std::min(period, limits.idle_timeout) : period;
}

}  // namespace

RuleVerdict IdleRule::look(const Flow& flow, Clock::time_point last_progress) {
  const bool progress = last_progress > std::exchange(progress_, last_progress);
  moved_ = std::max(moved_, last_progress);
  // The peer may have taken what the worker sent at any time since.
  if (progress && !flow.exact) moved_ = flow.seen_at;
  if (std::exchange(taken_, flow.taken) != flow.taken) moved_ = std::max(moved_, flow.taken_at);
  // After a pause of the whole process, bytes may lie there that no worker has had time to receive.
  if (std::exchange(unread_, flow.unread) != flow.unread && flow.unread > 0) moved_ = flow.seen_at;
  const Clock::time_point due = after(moved_, timeout_);
  const bool was_late = std::exchange(late_, flow.seen_at - due > kLate);
  if (late_ && !was_late) return {.next = flow.seen_at + kIdleLook};
  if (due <= flow.seen_at) return {.reached = true};
  if (due == Clock::time_point::max() || flow.unsent == 0) return {.next = due};
  return {.next = std::min(due, flow.seen_at + kIdleLook)};
}

RuleVerdict StallRule::look(const Flow& flow, Clock::time_point last_progress) {
  const bool took = std::exchange(taken_, flow.taken) != flow.taken;
  if (flow.unsent == 0 || timeout_ <= 0ns) {
    since_.reset();
    return {};
  }
  // What the peer took before the bytes were sent says nothing about them.
  if (!since_) since_ = std::max(flow.taken_at, std::min(last_progress, flow.seen_at));
  if (took) since_ = std::max(*since_, flow.taken_at);
  const Clock::time_point due = after(*since_, timeout_);
  if (due <= flow.seen_at) return {.reached = true};
  return {.next = std::min(due, flow.seen_at + kStallLook)};
}

SessionRules::SessionRules(const SessionLimits& limits, Clock::time_point start, bool exact)
    : idle_(limits.idle_timeout, start),
      stall_(limits.write_timeout),
      watches_flow_(limits.idle_timeout > 0ns || limits.write_timeout > 0ns),
      watch_period_(watch_period(limits, exact)),
      lifetime_end_(after(start, limits.max_lifetime)),
      first_look_(watches_flow_ ? look_after(start) : lifetime_end_),
      last_look_(start) {}

SessionRules::Outcome SessionRules::look(const Flow& flow, Clock::time_point last_progress) {
  const bool progress = last_progress > std::exchange(last_look_, flow.seen_at);
  const RuleVerdict stalled = stall_.look(flow, last_progress);
  const RuleVerdict idle = idle_.look(flow, last_progress);
  if (stalled.reached) return {.cause = CloseCause::stalled};
  if (idle.reached) return {.cause = CloseCause::idle};
  if (lifetime_end_ <= flow.seen_at) return {.cause = CloseCause::lifetime};
  Outcome outcome{.next = std::min({stalled.next, idle.next, lifetime_end_})};
  outcome.quiet = !watches_flow_ || (!progress && flow.unsent == 0);
  if (!outcome.quiet) outcome.next = std::min(outcome.next, look_after(flow.seen_at));
  return outcome;
}

}  // namespace echo
