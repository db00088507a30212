#include "client/commands/ping_tally.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

namespace echo {
namespace {

// An answer that takes no longer is nothing unusual.
constexpr std::chrono::milliseconds kYoung{100};

std::string milliseconds(std::chrono::nanoseconds duration) {
  return fmt::format("{:.3f}", static_cast<double>(duration.count()) / 1e6);
}

std::string time_of_day(PingTally::WallTime time) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(time)));
}

}  // namespace

std::optional<std::string> PingTally::echoed(std::chrono::nanoseconds time, SteadyTime now) {
  times_.record(time);
  figures_.echoed(time);
  if (!present_) return std::nullopt;
  present_->length = now - present_->since;
  const std::string ended = text(*present_);
  if (present_->length > longest_.length) longest_ = *present_;
  figures_.outage_ended(present_->length);
  present_.reset();
  return ended;
}

bool PingTally::abandoned(std::chrono::nanoseconds age, SteadyTime since, WallTime wall) {
  if (age <= std::max<std::chrono::nanoseconds>(kYoung, 3 * times_.max())) {
    --sent_;
    return false;
  }
  lost(since, wall, PingLoss::timeout);
  return true;
}

void PingTally::lost(SteadyTime since, WallTime wall, PingLoss cause) {
  ++lost_;
  figures_.lost(cause);
  if (!present_) {
    ++outages_;
    figures_.outage_began(since);
    present_ = Outage{since, wall, {}, 0};
  }
  ++present_->lost;
}

std::string PingTally::summary(const std::string& target, SteadyTime now) const {
  const double percent =
      sent_ == 0 ? 0.0 : 100.0 * static_cast<double>(lost_) / static_cast<double>(sent_);
  std::string lines = fmt::format("--- {}: {} sent, {} echoed, {} lost ({:.4g}%), {} corrupt\n",
                                  target, sent_, times_.count(), lost_, percent, corrupt_);
  if (times_.count() > 0) {
    lines += fmt::format("time min/avg/p50/p99/max = {}/{:.3f}/{}/{}/{} ms\n",
                         milliseconds(times_.min()), times_.mean() / 1e6,
                         milliseconds(times_.percentile(50)), milliseconds(times_.percentile(99)),
                         milliseconds(times_.max()));
  }
  if (skipped_ > 0) {
    lines += fmt::format("{} interval{} skipped while an answer or a connection was awaited\n",
                         skipped_, skipped_ == 1 ? "" : "s");
  }
  if (outages_ == 0) return lines;
  Outage longest = longest_;
  if (present_ && now - present_->since > longest.length) {
    longest = *present_;
    longest.length = now - present_->since;
  }
  return lines + fmt::format("{} outage{}, the longest: {}{}\n", outages_, outages_ == 1 ? "" : "s",
                             text(longest), present_ ? "; not over yet" : "");
}

std::string PingTally::text(const Outage& outage) {
  return fmt::format("{} lost in {} ms from {}", outage.lost, milliseconds(outage.length),
                     time_of_day(outage.wall));
}

}  // namespace echo
