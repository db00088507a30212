#include "client/commands/ping_pulse.h"

#include <doctest/doctest.h>

namespace echo {
namespace {

TEST_CASE("a ping is overdue when a question has been open for its patience") {
  PingPulse pulse;
  const SteadyTime begin = std::chrono::steady_clock::now();
  CHECK_FALSE(pulse.is_overdue(begin));
  CHECK(pulse.ask(begin) == begin + PingPulse::kPatience);
  CHECK_FALSE(pulse.is_overdue(begin + PingPulse::kPatience - std::chrono::nanoseconds(1)));
  CHECK(pulse.is_overdue(begin + PingPulse::kPatience));
  pulse.answer();
  CHECK_FALSE(pulse.is_overdue(begin + PingPulse::kPatience));
}

TEST_CASE("a probe that asks behind the answer to another does not make the ping overdue") {
  PingPulse pulse;
  const SteadyTime begin = std::chrono::steady_clock::now();
  pulse.ask(begin);
  pulse.answer();
  const SteadyTime later = begin + PingPulse::kPatience;
  CHECK(pulse.ask(later) == later + PingPulse::kPatience);
  CHECK_FALSE(pulse.is_overdue(later));  // for the first one, whose page is made now
}

TEST_CASE("a probe joins the question that is open and waits no longer than for that") {
  PingPulse pulse;
  const SteadyTime begin = std::chrono::steady_clock::now();
  pulse.ask(begin);
  CHECK(pulse.ask(begin + std::chrono::milliseconds(400)) == begin + PingPulse::kPatience);
}

}  // namespace
}  // namespace echo
