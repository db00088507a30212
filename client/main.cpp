#include <fmt/format.h>

#include <csignal>
#include <exception>
#include <variant>

#include "client/command_line/command_line.h"
#include "common/console.h"
#include "common/descriptor.h"
#include "common/exit_code.h"

namespace echo {
namespace {

struct Run {
  int operator()(const ShowText& show) const { return print(show.text) ? exit_ok : exit_failed; }
  int operator()(const TalkOptions& options) const { return run_talk(options); }
  int operator()(const PingOptions& options) const { return run_ping(options); }
  int operator()(const LoadPlan& plan) const {
    if (plan.find_rate.wanted()) return load::find_rate(plan);
    return plan.has_several_targets() ? load::run_targets(plan) : load::run_load(plan);
  }
  int operator()(const idle::Options& options) const { return idle::run(options); }
  int operator()(const MergeOptions& options) const { return run_merge(options); }
  int operator()(const CompareOptions& options) const { return run_compare(options); }
  int operator()(const ReportOptions& options) const { return run_report(options); }
};

int run_command_line(int argc, char** argv) {
  try {
    open_standard_streams();
    const Command command = parse_command_line(argc, argv);
    return std::visit(Run(), command);
  } catch (const UsageError& error) {
    print_error(fmt::format("echoc: {}", error.what()));
    return exit_usage;
  } catch (const std::exception& error) {
    print_error(fmt::format("echoc: {}", error.what()));
    return exit_failed;
  }
}

}  // namespace
}  // namespace echo

int main(int argc, char** argv) {
  // Writing to a peer or a pipe that is gone is an error of that write, not the end of the process.
  std::signal(SIGPIPE, SIG_IGN);
  return echo::run_command_line(argc, argv);
}
