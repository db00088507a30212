#include "client/load/schedule.h"

namespace echo::load {
namespace {

using std::chrono::nanoseconds;

constexpr std::uint64_t kSecond = 1'000'000'000;

// value · numerator / denominator without overflow while the result and numerator · denominator
// fit.
std::uint64_t scale(std::uint64_t value, std::uint64_t numerator, std::uint64_t denominator) {
  return value / denominator * numerator + value % denominator * numerator / denominator;
}

nanoseconds as_duration(std::uint64_t ns) {
  return nanoseconds(static_cast<std::int64_t>(ns));
}

}  // namespace

Schedule::Schedule(std::uint64_t rate, std::uint64_t connections, nanoseconds ramp_up,
                   SteadyTime start)
    : rate_(rate), connections_(connections), ramp_up_(ramp_up), start_(start) {}

SteadyTime Schedule::due(std::uint64_t connection, std::uint64_t message) const {
  return start_ + as_duration(scale(connection + message * connections_, kSecond, rate_));
}

SteadyTime Schedule::joins(std::uint64_t connection) const {
  const auto ramp = static_cast<std::uint64_t>(ramp_up_.count());
  return start_ + as_duration(scale(ramp, connection, connections_));
}

std::uint64_t Schedule::first(std::uint64_t connection) const {
  if (!open_loop()) return 0;
  const SteadyTime joined = joins(connection);
  const auto since = static_cast<std::uint64_t>(nanoseconds(joined - start_).count());
  // Number g of all is due not before `since` from g = ceil(since · rate / second) on; the rounding
  // of due() can make that one too many, so begin a little lower and look.
  const std::uint64_t all = scale(since, rate_, kSecond);
  std::uint64_t message = all > connection ? (all - connection) / connections_ : 0;
  while (due(connection, message) < joined) ++message;
  return message;
}

}  // namespace echo::load
