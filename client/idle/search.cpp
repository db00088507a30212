#include "client/idle/search.h"

#include <algorithm>
#include <cmath>

namespace echo::idle {
namespace {

using Time = Search::Time;

// Beyond this ratio the gaps of a step grow by a factor instead of by an amount.
constexpr double kWide = 4;

constexpr std::size_t kPatience = 3;  // with steps that teach nothing

Time rounded(double ns) {
  return std::chrono::round<std::chrono::milliseconds>(
      std::chrono::duration<double, std::nano>(ns));
}

// At most kAtOnce gaps strictly between the ends, and no more than the precision needs.
std::vector<Time> between(Time low, Time high, Time precision) {
  const auto begin = static_cast<double>(low.count());
  const auto end = static_cast<double>(high.count());
  const double parts = std::min(std::ceil((end - begin) / static_cast<double>(precision.count())),
                                static_cast<double>(Search::kAtOnce + 1));
  std::vector<Time> gaps;
  for (double part = 1; part < parts; ++part) {
    const double share = part / parts;
    const double place =
        end > kWide * begin ? begin * std::pow(end / begin, share) : begin + (end - begin) * share;
    const Time gap = rounded(place);
    if (gap > low && gap < high) gaps.push_back(gap);
  }
  return gaps;
}

void sort_unique(std::vector<Time>& gaps) {
  std::ranges::sort(gaps);
  gaps.erase(std::unique(gaps.begin(), gaps.end()), gaps.end());
}

}  // namespace

Search::Search(Range range, std::optional<Time> extra) : range_(range), extra_(extra) {}

std::vector<Time> Search::next() {
  fruitless_ = has_learnt_ ? 0 : fruitless_ + 1;
  if (!has_outcome_ || fruitless_ >= kPatience) return {};
  has_outcome_ = has_learnt_ = false;
  std::vector<Time> gaps = steps_ == 0 ? first_step() : narrow();
  sort_unique(gaps);
  if (!gaps.empty()) ++steps_;
  return gaps;
}

std::vector<Time> Search::first_step() const {
  std::vector<Time> gaps = between(range_.from, range_.to, range_.precision);
  gaps.insert(gaps.end(), {range_.from, range_.to});
  if (extra_) gaps.push_back(*extra_);
  return gaps;
}

std::vector<Time> Search::narrow() const {
  if (!alive_ || !dead_ || *dead_ - *alive_ <= range_.precision) return {};
  std::vector<Time> gaps = between(*alive_, *dead_, range_.precision);
  if (ended_by_itself_) gaps.push_back(*dead_ - range_.precision);
  return gaps;
}

void Search::survived(Time gap) {
  has_outcome_ = true;
  if (!is_needed(gap) || (alive_ && gap <= *alive_)) return;
  alive_ = gap;
  has_learnt_ = true;
}

void Search::died(Time silence, bool while_silent) {
  has_outcome_ = true;
  if (!is_needed(silence)) return;
  dead_ = silence;
  ended_by_itself_ = while_silent;
  has_learnt_ = true;
  // A longer one that survived says nothing any more.
  if (alive_ && *alive_ >= silence) alive_.reset();
}

}  // namespace echo::idle
