#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "client/results/interval_sink.h"
#include "client/results/plan.h"
#include "client/results/result.h"
#include "common/output_file.h"

namespace echo {

// What becomes of a result: the files that the plan names, the report on standard output and, where
// an output takes its place there, the warnings and missed objectives on standard error. A run that
// measured nothing leaves its files as they were. Thread rule: one thread at a time.
class Outputs : public IntervalSink {
 public:
  // Opens everything, so that a name that cannot be written costs nothing but a line.
  // `plan` must outlive this. `inputs` are paths that no output may replace.
  // Throws UsageError if two outputs get in each other's way, std::runtime_error for a file that
  // cannot be written.
  explicit Outputs(const LoadPlan& plan, const std::vector<std::string>& inputs = {});

  // Prints the header of the report, before the first connection is made; above the report if
  // nobody takes it now.
  void announce();

  // Throws std::runtime_error if not even the headers of the files can be written.
  void begin(std::chrono::system_clock::time_point start) override;
  // The same once there is something to lose: what cannot be written is told by finish().
  void write_headers(std::chrono::system_clock::time_point start, bool open_loop);
  void add(const Interval& interval, const Histogram& latency) override;
  // The same with what --hlog gets of it, which is empty without that file.
  void add(const Interval& interval, const std::string& hlog_row);

  // Writes and prints everything and returns the exit status of the process. An output that cannot
  // be written costs a line, not the others. A reader that takes nothing is waited for until
  // `interrupt` (a descriptor, -1 for none) is readable.
  int finish(Result& result, int interrupt);

 private:
  bool write_files(const Result& result, int interrupt);
  bool finish_file(std::optional<OutputFile>& file, int interrupt) const;
  bool report(const Result& result, int interrupt) const;
  // Unless it is quiet or another output takes its place.
  bool prints_report() const;

  const LoadPlan& plan_;
  bool is_readable_ = true;  // standard output, as far as is known
  std::string header_;       // not yet printed
  std::optional<OutputFile> json_;
  std::optional<OutputFile> hlog_;
  std::optional<OutputFile> hgrm_;
  std::optional<OutputFile> csv_;
};

}  // namespace echo
