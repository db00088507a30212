#include "client/results/outputs.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <map>
#include <stdexcept>

#include "client/results/durations.h"
#include "client/results/find_rate_report.h"
#include "client/results/findings.h"
#include "client/results/hgrm.h"
#include "client/results/hlog.h"
#include "client/results/json_report.h"
#include "client/results/judgement.h"
#include "client/results/live.h"
#include "client/results/report.h"
#include "client/results/text.h"
#include "common/console.h"
#include "common/error_text.h"
#include "common/exit_code.h"
#include "common/usage_error.h"

namespace echo {
namespace {

struct NamedOutput {
  const char* option;
  const std::string& path;
};

std::array<NamedOutput, 4> outputs_of(const LoadPlan& plan) {
  return {
      {{"--json", plan.json}, {"--hlog", plan.hlog}, {"--hgrm", plan.hgrm}, {"--csv", plan.csv}}};
}

// Standard output is one whatever it is; a file or pipe behind it may be named as well.
std::vector<std::string> identities(const std::string& path) {
  if (path == "-") return {"-", output_identity("-")};
  return {output_identity(path)};
}

// Two outputs must not share a file or pipe: each would overwrite or garble the other.
void check_output_paths(const LoadPlan& plan, const std::vector<std::string>& inputs) {
  std::map<std::string, std::string> taken;  // identity and who has it
  const auto take = [&](const std::string& who, const std::string& path) {
    for (const std::string& identity : identities(path)) {
      if (identity.empty()) continue;
      const auto [other, is_free] = taken.emplace(identity, who);
      if (is_free) continue;
      throw UsageError(
          fmt::format("{} and {} are the same file; each needs its own", other->second, who));
    }
  };
  for (const std::string& input : inputs) taken.emplace(output_identity(input), input);
  bool is_printed = !plan.quiet;
  for (const auto& [option, path] : outputs_of(plan)) {
    if (!path.empty()) take(fmt::format("{} {}", option, path), path);
    if (path == "-") is_printed = false;
  }
  if (is_printed) take("the report on standard output", "-");
}

void open(std::optional<OutputFile>& file, const std::string& path) {
  if (!path.empty()) file.emplace(path);
}

void check(const std::optional<OutputFile>& file) {
  if (!file || file->error() == 0) return;
  throw std::runtime_error(
      fmt::format("cannot write {}: {}", file->path(), error_text(file->error())));
}

// What was not measured is an empty cell.
std::string csv_row(const Interval& interval) {
  const auto time = [&](std::chrono::nanoseconds value) {
    return interval.echoed == 0 ? "" : fmt::format("{:.3f}", microseconds(value));
  };
  return fmt::format("{:.3f},{},{:.3f},{},{},{},{},{},{}\n", interval.at_seconds(), interval.echoed,
                     interval.rate(), time(interval.p50), time(interval.p99), time(interval.max),
                     interval.errors, interval.connections, interval.unsent);
}

void print_line(const std::string& text) {
  print_error("echoc: " + text);
}

void print_wrong(std::uint64_t count) {
  if (count > 0) print_line(counted(count, "message") + " came back wrong");
}

void print_missed_objectives(const Result& result) {
  for (const Verdict& verdict : result.verdicts) {
    if (!verdict.met) print_line(verdict.line());
  }
  const auto& found = result.found_rate;
  if (found && found->complete && !found->satisfies()) print_line("found " + found_text(*found));
}

}  // namespace

Outputs::Outputs(const LoadPlan& plan, const std::vector<std::string>& inputs) : plan_(plan) {
  check_output_paths(plan, inputs);
  open(json_, plan.json);
  open(hlog_, plan.hlog);
  open(hgrm_, plan.hgrm);
  open(csv_, plan.csv);
}

void Outputs::announce() {
  if (!prints_report()) return;
  header_ = run_header(plan_) + "\n";
  pollfd entry{STDOUT_FILENO, POLLOUT, 0};
  if (::poll(&entry, 1, 0) <= 0) return;
  is_readable_ = print(header_);
  header_.clear();
}

void Outputs::begin(std::chrono::system_clock::time_point start) {
  write_headers(start, plan_.open_loop());
  check(hlog_);
  check(csv_);
}

void Outputs::write_headers(std::chrono::system_clock::time_point start, bool open_loop) {
  if (hlog_) hlog_->write(hlog_header(start, open_loop));
  if (csv_) csv_->write("at_s,echoed,rate,p50,p99,max,errors,connections,unsent\n");
}

void Outputs::add(const Interval& interval, const Histogram& latency) {
  add(interval, hlog_ ? hlog_row("", interval.start, interval.length, latency) : "");
}

void Outputs::add(const Interval& interval, const std::string& hlog_row) {
  if (hlog_) hlog_->write(hlog_row);
  if (csv_ && !csv_->is_replaced()) csv_->write(csv_row(interval));
}

int Outputs::finish(Result& result, int interrupt) {
  if (result.nothing_happened() && result.error.empty()) {
    result.error =
        result.partial ? "interrupted before a message was measured" : "no message was measured";
  }
  judge_all(result);
  bool written = true;
  if (!result.nothing_happened()) {
    written = write_files(result, interrupt);
  } else if (plan_.json == "-") {
    json_->write(json_report(result));
    written = finish_file(json_, interrupt);
  }
  written = report(result, interrupt) && written;
  const int status = exit_status(result);
  return status == exit_ok && !written ? exit_failed : status;
}

bool Outputs::write_files(const Result& result, int interrupt) {
  if (hlog_) {
    for (const Metric metric : {Metric::service_time, Metric::connect, Metric::send_lateness}) {
      const Histogram& times = result.histogram(metric);
      if (times.count() > 0) hlog_->write(hlog_row(name(metric), {}, result.duration, times));
    }
  }
  if (hgrm_) hgrm_->write(hgrm_text(result.histogram(Metric::latency)));
  // What a live row could not know yet: messages that were due in it and never left.
  if (csv_ && csv_->is_replaced()) {
    for (const Interval& interval : result.intervals) csv_->write(csv_row(interval));
  }
  if (json_) json_->write(json_report(result));
  bool written = true;
  for (auto* file : {&json_, &hlog_, &hgrm_, &csv_}) {
    written = finish_file(*file, interrupt) && written;
  }
  return written;
}

bool Outputs::finish_file(std::optional<OutputFile>& file, int interrupt) const {
  if (!file) return true;
  const int error = file->finish(interrupt);
  if (error == 0) return true;
  const std::string name = file->path() == "-" ? "to standard output" : file->path();
  print_line(fmt::format("cannot write {}: {}", name, error_text(error)));
  return false;
}

// What the report would have said and nothing else says, goes to standard error.
bool Outputs::report(const Result& result, int interrupt) const {
  const auto& messages = result.counters.messages;
  const std::uint64_t all_wrong = messages.corrupt + messages.corrupt_in_warmup;
  if (!result.error.empty()) {
    print_line(result.error);
    print_wrong(all_wrong);
    print_missed_objectives(result);
    return true;
  }
  const bool is_printed = prints_report();
  if (is_printed && is_readable_ &&
      print(header_ + text_report(result, output_style()), interrupt)) {
    return true;
  }
  if (!plan_.quiet) {
    for (const std::string& warning : warnings(result)) print_line("warning: " + warning);
  }
  print_wrong(plan_.quiet ? all_wrong : messages.corrupt);
  print_missed_objectives(result);
  return !is_printed;
}

bool Outputs::prints_report() const {
  const auto takes_its_place = [](const NamedOutput& output) { return output.path == "-"; };
  return !plan_.quiet && std::ranges::none_of(outputs_of(plan_), takes_its_place);
}

}  // namespace echo
