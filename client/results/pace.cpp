#include "client/results/pace.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "client/results/durations.h"

namespace echo {
namespace {

// Until then a server may fill what it can hold.
constexpr double kBeginning = 0.25;
constexpr std::size_t kFewestPoints = 8;

constexpr double kClearTolerance = 0.05;  // nobody repeats such a run
constexpr double kCountedMessages = 2;    // where few are counted, one more or less is much

// The least squares line through the answers that had come by the end of each part.
double slope(const AnswerCurve& answers, std::size_t first) {
  double count = 0;
  double sum = 0;
  double points = 0;
  double mean_time = 0;
  double mean_sum = 0;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    sum += static_cast<double>(answers[i]);
    if (i < first) continue;
    points += 1;
    mean_time += static_cast<double>(i);
    mean_sum += sum;
  }
  mean_time /= points;
  mean_sum /= points;
  double products = 0;
  double squares = 0;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    count += static_cast<double>(answers[i]);
    if (i < first) continue;
    const double time = static_cast<double>(i) - mean_time;
    products += time * (count - mean_sum);
    squares += time * time;
  }
  return products / squares;
}

// Answers in time may be worth little if many messages have none.
double answered_share(const Counters& counters) {
  return counters.due() == 0
             ? 0
             : static_cast<double>(counters.messages.echoed) / static_cast<double>(counters.due());
}

}  // namespace

double answer_pace(const Result& result) {
  const double time = seconds(result.plan.duration);
  const double part = time / kCurveParts;
  const double fastest = seconds(result.histogram(Metric::latency).min());
  const auto first =
      static_cast<std::size_t>(std::ceil(std::max(kBeginning * time, fastest) / part));
  const double most = std::min(result.asked_rate, result.achieved_rate());
  if (first + kFewestPoints <= kCurveParts) {
    return std::clamp(slope(result.answers, first) / part, 0.0, most);
  }
  // Answers take about as long as the run: what counts is when the last one came.
  const double taken = std::max(time, seconds(result.duration) - fastest);
  return std::min(most, static_cast<double>(result.counters.messages.echoed) / taken);
}

double lasting_pace(const Result& result) {
  const std::uint64_t in_time =
      std::accumulate(result.answers.begin(), result.answers.end(), std::uint64_t{0});
  const auto all = static_cast<double>(result.counters.messages.echoed);
  if (static_cast<double>(in_time) < all * (1 - kClearTolerance)) return answer_pace(result);
  return std::min(result.asked_rate, result.achieved_rate());
}

bool keeps_rate(const Result& result, double pace, double tolerance) {
  const double expected = result.asked_rate * answered_share(result.counters);
  const double counted_for = (1 - kBeginning) * seconds(result.plan.duration);
  return pace >= expected * (1 - tolerance) - kCountedMessages / counted_for;
}

bool fell_behind(const Result& result) {
  return result.pace && !keeps_rate(result, *result.pace, kClearTolerance);
}

}  // namespace echo
