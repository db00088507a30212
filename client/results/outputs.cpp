#include "client/results/outputs.h"

#include <fmt/format.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

#include "client/results/hgrm.h"
#include "client/results/hlog.h"
#include "client/results/json_report.h"
#include "common/standard_output.h"

namespace echo::load {
namespace {

std::string errno_text() {
  return std::generic_category().message(errno);
}

std::ofstream open(const std::string& path) {
  if (path.empty() || path == "-") return {};
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  if (!file) throw std::runtime_error(fmt::format("cannot write {}: {}", path, errno_text()));
  return file;
}

void close(std::ofstream& file, const std::string& path) {
  if (!file.is_open()) return;
  file.close();
  if (!file) throw std::runtime_error(fmt::format("cannot write {}: {}", path, errno_text()));
}

double microseconds(nanoseconds duration) {
  return static_cast<double>(duration.count()) / 1e3;
}

}  // namespace

Outputs::Outputs(const LoadOptions& options)
    : options_(options),
      json_(open(options.json)),
      hlog_(open(options.hlog)),
      hgrm_(open(options.hgrm)),
      csv_(open(options.csv)) {}

void Outputs::begin(std::chrono::system_clock::time_point start) {
  if (hlog_.is_open()) write_hlog_header(hlog_, start);
  if (csv_.is_open()) csv_ << "at_s,echoed,rate,p50,p99,max,errors,connections\n";
}

void Outputs::add(const Interval& interval, const Histogram& latency) {
  if (hlog_.is_open()) {
    write_hlog_row(hlog_, "", interval.start, interval.length, latency);
    hlog_.flush();
  }
  if (!csv_.is_open()) return;
  csv_ << fmt::format("{:.3f},{},{:.3f},{:.3f},{:.3f},{:.3f},{},{}\n", interval.at_seconds(),
                      interval.echoed, interval.rate(), microseconds(interval.p50),
                      microseconds(interval.p99), microseconds(interval.max), interval.errors,
                      interval.connections);
  csv_.flush();
}

void Outputs::finish(const Result& result) {
  if (hlog_.is_open()) {
    for (const Times times : {Times::service_time, Times::connect, Times::send_lateness}) {
      const auto which = static_cast<std::size_t>(times);
      if (result.histograms[which].count() == 0) continue;
      write_hlog_row(hlog_, kTimesNames[which], {}, result.duration, result.histograms[which]);
    }
  }
  if (hgrm_.is_open()) write_hgrm(hgrm_, result.times(Times::latency));
  if (json_.is_open()) json_ << json_report(result, options_);
  if (options_.json == "-") write_to_standard_output(json_report(result, options_));
  close(json_, options_.json);
  close(hlog_, options_.hlog);
  close(hgrm_, options_.hgrm);
  close(csv_, options_.csv);
}

}  // namespace echo::load
