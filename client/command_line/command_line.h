#pragma once

#include <string>
#include <variant>

#include "client/commands/ping.h"
#include "client/commands/talk.h"
#include "client/idle/run.h"
#include "client/load/find_rate.h"
#include "client/load/load_server.h"
#include "client/load/run_targets.h"
#include "client/page/report_command.h"
#include "client/results/compare.h"
#include "client/results/merge.h"
#include "common/usage_error.h"

namespace echo {

// Help or version: all there is to do is to print it.
struct ShowText {
  std::string text;
};

using Command = std::variant<ShowText, TalkOptions, PingOptions, LoadPlan, idle::Options,
                             MergeOptions, CompareOptions, ReportOptions>;

// Throws UsageError.
Command parse_command_line(int argc, const char* const* argv);

}  // namespace echo
