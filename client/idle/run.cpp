#include "client/idle/run.h"

#include <fmt/format.h>

#include <optional>
#include <stdexcept>

#include "client/idle/advice.h"
#include "client/idle/json.h"
#include "client/idle/prober.h"
#include "client/idle/report.h"
#include "client/wire/socket_setup.h"
#include "client/wire/stop_signals.h"
#include "common/console.h"
#include "common/descriptor_limit.h"
#include "common/error_text.h"
#include "common/exit_code.h"
#include "common/output_file.h"
#include "common/usage_error.h"

namespace echo::idle {
namespace {

constexpr std::uint64_t kOthers = 8;  // a resolver, signals, files that are open meanwhile

void check_descriptors(const Options& options) {
  raise_descriptor_limit();
  const std::uint64_t limit = descriptor_limit();
  const std::uint64_t connections = options.addresses.size() * connections_at_once(options);
  const std::uint64_t needed = open_descriptors().value_or(0) + kOthers + connections;
  if (needed <= limit) return;
  throw std::runtime_error(
      fmt::format("{} connections at once need {} descriptors, and the limit is {}: raise it "
                  "(ulimit -Hn, LimitNOFILE=) or ask for fewer gaps or addresses",
                  connections, needed, limit));
}

// Two texts in one file or pipe would be neither of the two.
void check_json(const std::string& path) {
  if (path.empty() || path == "-") return;
  const std::string identity = output_identity(path);
  if (identity.empty() || identity != output_identity("-")) return;
  throw UsageError(
      fmt::format("--json {} and the report on standard output are the same file; each needs its "
                  "own",
                  path));
}

// A run that measured nothing leaves the file as it was.
bool write_json(std::optional<OutputFile>& file, const Result& result, int interrupt) {
  if (!file || (!result.is_measured() && file->path() != "-")) return true;
  file->write(json_text(result));
  const int error = file->finish(interrupt);
  if (error == 0) return true;
  print_error(fmt::format("echoc: cannot write {}: {}",
                          file->path() == "-" ? "to standard output" : file->path(),
                          error_text(error)));
  return false;
}

// Where the report is replaced, what only it would have said goes to standard error.
bool print_report(const Result& result, bool is_replaced, int interrupt) {
  for (const std::string& line : unmeasured(result)) print_error("echoc: " + line);
  if (!result.is_measured()) return true;
  if (!is_replaced) return print(report_text(result), interrupt);
  for (const std::string& line : warnings(result)) print_error("echoc: warning: " + line);
  for (const std::string& line : shortcomings(result)) print_error("echoc: " + line);
  return true;
}

}  // namespace

int run(const Options& options) {
  for (const Address& address : options.addresses) check_socket_options(options.socket, address);
  check_json(options.json);
  Signals stop = stop_signals();
  check_descriptors(options);
  std::optional<OutputFile> json;
  if (!options.json.empty()) json.emplace(options.json);
  const bool is_replaced = options.json == "-";
  bool is_readable = is_replaced || print(header_text(options), stop.descriptor());
  // What nobody can read needs no measuring.
  if (!is_readable && !json) return exit_failed;
  const Result result = Prober(options, stop).run();
  // From now on a signal ends whatever the output waits for.
  while (stop.take()) {
  }
  const bool is_written = write_json(json, result, stop.descriptor());
  is_readable = print_report(result, is_replaced || !is_readable, stop.descriptor()) && is_readable;
  const int status = exit_status(result);
  return status == exit_ok && !(is_written && is_readable) ? exit_failed : status;
}

}  // namespace echo::idle
