#include "client/results/merge.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <stdexcept>
#include <system_error>

#include "client/results/hgrm.h"
#include "client/results/hlog.h"
#include "client/results/report.h"
#include "client/results/result.h"
#include "common/exit_code.h"
#include "common/standard_output.h"

namespace echo::load {
namespace {

std::runtime_error file_error(const std::string& what, const std::string& path) {
  return std::runtime_error(
      fmt::format("cannot {} {}: {}", what, path, std::generic_category().message(errno)));
}

// Rows with tags of others are left out: what they count is not known.
void add(Result& result, const std::string& tag, const Histogram& histogram) {
  const auto which = std::ranges::find(kTimesNames, tag.empty() ? kTimesNames.front() : tag);
  if (which == kTimesNames.end()) return;
  result.histograms[static_cast<std::size_t>(which - kTimesNames.begin())].add(histogram);
}

void read(Result& result, const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw file_error("read", path);
  try {
    read_hlog(file, [&](const std::string& tag, const Histogram& histogram) {
      add(result, tag, histogram);
    });
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(fmt::format("{}: {}", path, error.what()));
  }
  if (file.bad()) throw file_error("read", path);
}

}  // namespace

int run(const MergeOptions& options) {
  Result result;
  for (const std::string& path : options.files) read(result, path);
  if (!options.hgrm.empty()) {
    std::ofstream file(options.hgrm, std::ios::binary | std::ios::trunc);
    write_hgrm(file, result.times(Times::latency));
    file.close();
    if (!file) throw file_error("write", options.hgrm);
  }
  write_to_standard_output(times_table(result, options.percentiles));
  return exit_ok;
}

}  // namespace echo::load
