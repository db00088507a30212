#include "client/load/run_result.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "client/results/durations.h"
#include "common/address.h"

namespace echo::load {
namespace {

void add_addresses(std::vector<UsedAddress>& all, const Route& route) {
  for (const AddressUse& use : route.uses()) {
    add_address(all, {to_text(use.endpoint), use.connections, use.failures, use.why});
  }
}

void add(Result& result, const Measured& measured) {
  result.counters.add(measured.counters);
  result.longest_wait = std::max(result.longest_wait, measured.longest_wait);
  result.histogram(Metric::service_time).add(measured.service_time);
  result.histogram(Metric::connect).add(measured.connect);
  result.histogram(Metric::send_lateness).add(measured.send_lateness);
  result.latency_without_echoc.add(measured.latency_without_echoc);
  result.tcp = result.tcp.value_or(TcpSummary());
  result.tcp->add(measured.tcp);
  for (std::size_t i = 0; i < kCurveParts; ++i) result.answers[i] += measured.answers[i];
  for (const Corruption& corruption : measured.corruptions) {
    if (result.corruptions.size() < kShownCorruptions) result.corruptions.push_back(corruption);
  }
}

}  // namespace

void add_generators(Result& result, const Generators& generators, const Timeline& timeline) {
  for (const auto& generator : generators) {
    generator->join();
    const LoadLoop& loop = generator->loop();
    add(result, loop.measured());
    add_addresses(result.addresses, loop.route());
    if (!result.socket) result.socket = loop.socket();
    result.generator.threads += 1;
    result.generator.cpu += loop.use().cpu;
    result.generator.longest_pause =
        std::max(result.generator.longest_pause, loop.use().longest_pause);
    if (loop.ended_at() == SteadyTime()) continue;  // it never began
    result.duration = std::max(result.duration, loop.ended_at() - timeline.measured_from);
  }
}

void describe_plan(Result& result, const LoadPlan& plan) {
  result.plan = plan;
  if (!plan.address.path.empty()) result.tcp.reset();
  result.target = plan.address.text();
  result.asked_rate = plan.rate;
  if (plan.share) result.shares = {*plan.share};
  if (plan.open_loop()) {
    // Each message that was due has its share of a second, the last one too.
    const std::uint64_t due = result.counters.due();
    result.scheduled = from_seconds(static_cast<double>(due) / plan.rate);
  } else {
    result.histogram(Metric::service_time) = result.histogram(Metric::latency);
  }
  result.system = System::current();
}

Result not_begun(const LoadPlan& plan, std::string why) {
  Result result;
  describe_plan(result, plan);
  result.started = std::chrono::system_clock::now();
  auto& connections = result.counters.connections;
  connections.asked = connections.failed = plan.connections;
  for (std::uint64_t i = 0; i < plan.connections; ++i) result.counters.count(Failure::other);
  result.error = std::move(why);
  return result;
}

Result interrupted_before(const LoadPlan& plan) {
  Result result;
  describe_plan(result, plan);
  result.partial = true;
  result.started = plan.start_at.value_or(std::chrono::system_clock::now());
  return result;
}

std::string refusal(const Generators& generators, const LoadPlan& plan) {
  std::vector<UsedAddress> addresses;
  for (const auto& generator : generators) add_addresses(addresses, generator->loop().route());
  std::string tried;
  for (const UsedAddress& one : addresses) {
    if (one.failures == 0) continue;
    tried += fmt::format("{}{} ({})", tried.empty() ? "" : ", ", one.address, one.why);
  }
  const std::string target = plan.address.text();
  if (tried.empty()) return target + " closed every connection at once";
  return fmt::format("cannot connect to {}: tried {}", target, tried);
}

}  // namespace echo::load
