#include "client/results/rank_test.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <numeric>
#include <random>
#include <utility>
#include <vector>

namespace echo {
namespace {

// Twice the rank of each value, so that a rank shared by an even number of values is whole too.
std::vector<std::int64_t> doubled_ranks(const std::vector<double>& values) {
  std::vector<std::int64_t> ranks;
  for (const double value : values) {
    const auto below = std::ranges::count_if(values, [&](double one) { return one < value; });
    const auto equal = std::ranges::count(values, value);
    ranks.push_back(2 * below + equal + 1);
  }
  return ranks;
}

// How far the sum of the ranks on the left is from what it would be on average, times `all`.
struct Distance {
  std::int64_t all;
  std::int64_t left;
  std::int64_t total;

  std::int64_t operator()(std::int64_t sum) const { return std::abs(all * sum - left * total); }
};

// splits[k][s]: in how many ways k of the ranks have the sum s.
double exact_share(const std::vector<std::int64_t>& ranks, const Distance& distance,
                   std::int64_t observed) {
  const auto left = static_cast<std::size_t>(distance.left);
  const auto total = static_cast<std::size_t>(distance.total);
  std::vector<std::vector<double>> splits(left + 1, std::vector<double>(total + 1));
  splits[0][0] = 1;
  for (const std::int64_t one : ranks) {
    const auto rank = static_cast<std::size_t>(one);
    for (std::size_t k = left; k > 0; --k) {
      for (std::size_t sum = total; sum >= rank; --sum) splits[k][sum] += splits[k - 1][sum - rank];
    }
  }
  double far = 0;
  double ways = 0;
  for (std::size_t sum = 0; sum <= total; ++sum) {
    ways += splits[left][sum];
    if (distance(static_cast<std::int64_t>(sum)) >= observed) far += splits[left][sum];
  }
  return far / ways;
}

// The observed split is one of the possible ones, so that the share is never 0.
double sampled_share(std::vector<std::int64_t> ranks, const Distance& distance,
                     std::int64_t observed) {
  std::mt19937_64 random(1);
  std::size_t far = 1;
  for (std::size_t split = 0; split < kSampledSplits; ++split) {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < static_cast<std::size_t>(distance.left); ++i) {
      std::swap(ranks[i], ranks[i + random() % (ranks.size() - i)]);
      sum += ranks[i];
    }
    if (distance(sum) >= observed) ++far;
  }
  return static_cast<double>(far) / static_cast<double>(kSampledSplits + 1);
}

}  // namespace

double rank_test(std::span<const double> left, std::span<const double> right) {
  if (left.empty() || right.empty()) return 1;
  std::vector<double> values(left.begin(), left.end());
  values.insert(values.end(), right.begin(), right.end());
  const std::vector<std::int64_t> ranks = doubled_ranks(values);
  const auto end_of_left = ranks.begin() + static_cast<std::ptrdiff_t>(left.size());
  const Distance distance{static_cast<std::int64_t>(ranks.size()),
                          static_cast<std::int64_t>(left.size()),
                          std::accumulate(ranks.begin(), ranks.end(), std::int64_t{0})};
  const std::int64_t observed =
      distance(std::accumulate(ranks.begin(), end_of_left, std::int64_t{0}));
  return ranks.size() <= kExactRuns ? exact_share(ranks, distance, observed)
                                    : sampled_share(ranks, distance, observed);
}

}  // namespace echo
