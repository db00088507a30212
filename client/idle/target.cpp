#include "client/idle/target.h"

#include <algorithm>
#include <utility>

namespace echo::idle {
namespace {

constexpr const char* kUnfinished = "interrupted before the end of the silence";

}  // namespace

std::vector<std::chrono::nanoseconds> asked_gaps(const Options& options) {
  std::vector<std::chrono::nanoseconds> gaps = options.gaps;
  if (options.require) gaps.push_back(*options.require);
  std::ranges::sort(gaps);
  gaps.erase(std::unique(gaps.begin(), gaps.end()), gaps.end());
  return gaps;
}

std::size_t connections_at_once(const Options& options) {
  // The ends of the range, the required gap, and one close to the bracket's end.
  constexpr std::size_t kBeside = 4;
  return options.bisect ? Search::kAtOnce + kBeside : asked_gaps(options).size();
}

Target::Target(std::string name, const std::vector<Endpoint>& endpoints, const Options& options,
               Shared& shared)
    : name_(std::move(name)), options_(options), shared_(shared), route_(endpoints) {
  if (!options.bisect) return;
  search_.emplace(Search::Range{options.from, options.to, options.precision}, options.require);
}

void Target::begin(SteadyTime now) {
  open(search_ ? search_->next() : asked_gaps(options_), now);
}

void Target::open(const std::vector<std::chrono::nanoseconds>& gaps, SteadyTime now) {
  for (const auto gap : gaps) {
    running_.push_back(std::make_unique<SilentConnection>(
        gap, route_, shared_.patience, options_.socket, shared_.payload, ++shared_.streams));
    running_.back()->begin(now);
  }
}

void Target::collect(SteadyTime now) {
  const std::size_t before = running_.size();
  for (const auto& connection : running_) {
    if (connection->is_over()) learn(connection->finding());
  }
  std::erase_if(running_, [this](const auto& connection) {
    return connection->is_over() || (search_ && !search_->is_needed(connection->gap()));
  });
  const bool has_ended = running_.empty() && before > 0;
  if (has_ended && search_) open(search_->next(), now);
}

void Target::learn(const Finding& finding) {
  findings_.push_back(finding);
  if (!search_) return;
  if (finding.verdict == Verdict::alive) search_->survived(finding.gap);
  if (finding.died()) search_->died(finding.deadly_silence(), finding.died_while_silent());
}

TargetResult Target::result() const {
  TargetResult result{name_, {}, findings_};
  for (const auto& connection : running_) {
    result.findings.push_back(connection->finding());
    if (!connection->is_over()) result.findings.back().note = kUnfinished;
  }
  std::ranges::sort(result.findings, {}, &Finding::gap);
  return result;
}

}  // namespace echo::idle
