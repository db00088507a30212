#include "client/load/make_job.h"

#include <algorithm>

#include "client/load/connection.h"
#include "client/load/limits.h"
#include "common/allowed_cpus.h"
#include "common/descriptor_limit.h"

namespace echo::load {
namespace {

constexpr std::uint64_t kMostTrailing = 1000;  // of all generators

std::vector<Endpoint> source_endpoints(const std::vector<std::string>& sources) {
  std::vector<Endpoint> endpoints;
  for (const std::string& source : sources) {
    endpoints.push_back(endpoints_to_connect({.host = source, .port = 0, .path = {}}).front());
  }
  return endpoints;
}

std::uint64_t thread_count(const LoadPlan& plan) {
  const std::uint64_t wanted = plan.threads == 0 ? allowed_cpus() : plan.threads;
  return std::min(wanted, plan.connections);
}

std::uint64_t bytes_per_connection(const LoadPlan& plan) {
  return sizeof(Connection) + plan.pipeline * sizeof(Message);
}

}  // namespace

nanoseconds effective_spin(const LoadPlan& plan, std::uint64_t threads, std::uint64_t cpus) {
  return plan.spin_adaptive && cpus <= threads ? nanoseconds::zero() : plan.spin;
}

Job make_job(const LoadPlan& plan, const std::vector<Endpoint>& endpoints) {
  raise_descriptor_limit();
  const std::uint64_t threads = thread_count(plan);
  const std::uint64_t spare = check_descriptors(plan.connections, threads);
  const bool has_ports = endpoints.front().data()->sa_family != AF_UNIX;
  if (has_ports) check_ports(plan.connections, plan.sources.size());
  check_memory(plan.connections, bytes_per_connection(plan));
  const std::uint64_t trailing =
      plan.messages_per_connection == 0 ? 0 : std::min(kMostTrailing, spare);
  return {plan,
          threads,
          Payload(plan.seed),
          endpoints,
          source_endpoints(plan.sources),
          static_cast<std::size_t>(trailing / threads),
          effective_spin(plan, threads, allowed_cpus())};
}

}  // namespace echo::load
