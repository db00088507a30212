#include "client/load/job.h"

#include <sys/resource.h>

#include <algorithm>
#include <thread>

namespace echo::load {
namespace {

void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

std::vector<Endpoint> source_endpoints(const std::vector<std::string>& sources) {
  std::vector<Endpoint> endpoints;
  for (const std::string& source : sources) {
    endpoints.push_back(endpoints_to_connect({.host = source, .port = 0, .path = {}}).front());
  }
  return endpoints;
}

std::uint64_t thread_count(const LoadOptions& options) {
  const std::uint64_t cores = std::max(1U, std::thread::hardware_concurrency());
  return std::min(options.threads == 0 ? cores : options.threads, options.connections);
}

}  // namespace

Job make_job(const LoadOptions& options) {
  raise_descriptor_limit();
  return {options, thread_count(options), Payload(options.seed),
          endpoints_to_connect(options.address), source_endpoints(options.sources)};
}

}  // namespace echo::load
