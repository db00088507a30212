#include "client/load/load_server.h"

#include <optional>
#include <stdexcept>
#include <vector>

#include "client/load/make_job.h"
#include "client/load/run_result.h"
#include "client/wire/resolver.h"
#include "client/wire/socket_setup.h"
#include "client/wire/stop_signals.h"
#include "common/exit_code.h"

namespace echo::load {

int load_server(const LoadPlan& plan,
                const std::function<Result(const RunSetting& setting, Outputs& outputs)>& run) {
  check_socket_options(plan.socket, plan.address);
  Signals stop = stop_signals();
  Resolver resolver(plan.address);
  Outputs outputs(plan);
  Result result;
  try {
    const std::optional<std::vector<Endpoint>> endpoints = resolver.resolve(stop.descriptor());
    if (endpoints) {
      make_job(plan, *endpoints);  // what the machine lacks for it is said before the header
      outputs.announce();
      result = run({resolver, stop, *endpoints, outputs}, outputs);
    } else {
      result = interrupted_before(plan);
    }
  } catch (const std::runtime_error& error) {
    Result failed = not_begun(plan, error.what());
    outputs.finish(failed, stop.descriptor());
    return exit_failed;  // whatever was to be judged
  }
  // The signals so far were for the run; the next one ends the wait for a slow output.
  while (stop.take()) {
  }
  return outputs.finish(result, stop.descriptor());
}

int run_load(const LoadPlan& plan) {
  return load_server(
      plan, [&plan](const RunSetting& setting, Outputs&) { return measure(plan, setting).result; });
}

}  // namespace echo::load
