#pragma once

#include <span>

namespace echo {

// How likely two samples from one source would lie at least as far apart as these: the two-sided p
// of the exact permutation test of the difference of mean ranks (Mann and Whitney, "On a test of
// whether one of two random variables is stochastically larger than the other", 1947; equal values
// share a rank). Ranks rather than means, because one outlying run then counts no more than any
// other and infinity, for what had no answer, has a rank but no mean; rather than medians, because
// with four runs a side several splits have the same medians, so that these could never tell.
// Exact up to kExactRuns values in all; beyond that from kSampledSplits random splits of a fixed
// seed. 1 if a side is empty. Pure, any thread.
double rank_test(std::span<const double> left, std::span<const double> right);

inline constexpr std::size_t kExactRuns = 100;
inline constexpr std::size_t kSampledSplits = 10'000;

}  // namespace echo
