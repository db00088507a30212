#include "client/results/hlog.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <stdexcept>

#include "client/results/durations.h"
#include "client/results/histogram_codec.h"

namespace echo {
namespace {

constexpr std::string_view kOpenLoop = "#[Latency: from when each message was due, open loop]";
constexpr std::string_view kClosedLoop = "#[Latency: from when each message left, closed loop]";

struct Row {
  std::string tag;
  std::string payload;
};

Row split(std::string_view line) {
  Row row;
  if (line.starts_with("Tag=")) {
    const std::size_t comma = line.find(',');
    row.tag = line.substr(4, comma == line.npos ? comma : comma - 4);
    line.remove_prefix(comma == line.npos ? line.size() : comma + 1);
  }
  for (int column = 0; column < 3; ++column) {
    const std::size_t comma = line.find(',');
    if (comma == line.npos) throw std::runtime_error("fewer than four columns");
    line.remove_prefix(comma + 1);
  }
  row.payload = line;
  return row;
}

}  // namespace

std::string hlog_header(std::chrono::system_clock::time_point start, bool open_loop) {
  const double since_epoch = std::chrono::duration<double>(start.time_since_epoch()).count();
  return fmt::format(
      "#[Histogram log format version 1.3]\n"
      "#[StartTime: {:.3f} (seconds since epoch), {:%Y-%m-%dT%H:%M:%S}Z]\n"
      "#[Unit: values in nanoseconds, Interval_Max in milliseconds]\n{}\n"
      "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\","
      "\"Interval_Compressed_Histogram\"\n",
      since_epoch, fmt::gmtime(std::chrono::system_clock::to_time_t(start)),
      open_loop ? kOpenLoop : kClosedLoop);
}

std::string hlog_row(std::string_view tag, std::chrono::nanoseconds start,
                     std::chrono::nanoseconds length, const Histogram& histogram) {
  return fmt::format("{}{}{}{:.3f},{:.3f},{:.3f},{}\n", tag.empty() ? "" : "Tag=", tag,
                     tag.empty() ? "" : ",", seconds(start), seconds(length),
                     microseconds(histogram.max()) / 1e3, encode_histogram(histogram));
}

HlogSummary read_hlog(std::istream& file,
                      const std::function<void(const std::string& tag, const Histogram&)>& take) {
  HlogSummary summary;
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    if (line.ends_with('\r')) line.pop_back();
    if (line == kOpenLoop) summary.open_loop = true;
    if (line == kClosedLoop) summary.open_loop = false;
    if (line.empty() || line.starts_with('#') || line.starts_with("\"StartTimestamp\"")) continue;
    try {
      const Row row = split(line);
      take(row.tag, decode_histogram(row.payload));
      ++summary.rows;
    } catch (const std::runtime_error& error) {
      throw std::runtime_error(fmt::format("line {}: {}", number, error.what()));
    }
  }
  return summary;
}

}  // namespace echo
