#pragma once

#include <string>
#include <vector>

#include "client/commands/ping.h"
#include "client/commands/talk.h"
#include "client/idle/options.h"
#include "client/page/report_command.h"
#include "client/results/compare.h"
#include "client/results/merge.h"
#include "client/results/plan.h"
#include "common/options/option_spec.h"

namespace echo {

// The option tables of echoc's commands. They write into these structs, which must outlive them.
CommandSpec talk_command(TalkOptions& options);
CommandSpec ping_command(PingOptions& options);
CommandSpec idle_command(idle::Options& options);
CommandSpec load_command(LoadPlan& plan);
CommandSpec merge_command(MergeOptions& options);
CommandSpec compare_command(CompareOptions& options);
CommandSpec report_command(ReportOptions& options);

// Throws UsageError for options that make no sense together.
void check_plan(const LoadPlan& plan);
void check_idle(const idle::Options& options);

// compare: puts what its table knows in place of the -- between the two sides, which elsewhere ends
// the options, and checks that there are two sides. Throw UsageError.
void mark_separator(std::vector<std::string>& words);
void check_sides(const CompareOptions& options);

}  // namespace echo
