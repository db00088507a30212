#include "client/results/merged_result.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "client/results/fleet.h"
#include "client/results/json_options.h"
#include "client/results/json_result.h"
#include "client/results/saved_text.h"
#include "client/results/text.h"
#include "common/usage_error.h"

namespace echo {
namespace {

// Options that make latencies incomparable; the others only share out the load.
struct LoadTexts {
  std::map<std::string, std::string> texts;

  void operator()(const std::string& key, std::uint64_t value) {
    constexpr std::array<const char*, 4> kCompared{"size_min", "size_max", "pipeline",
                                                   "messages_per_connection"};
    if (std::ranges::count(kCompared, key) > 0) texts[key] = grouped(value);
  }
  template <typename T>
  void operator()(const std::string&, const T&) {}
};

std::map<std::string, std::string> load_texts(const Result& result) {
  LoadTexts visitor;
  for_each_option(result.plan, std::ref(visitor));
  return visitor.texts;
}

// Generators run side by side: what they were asked for adds up, times do not.
void add_plan(Result& sum, const Result& next) {
  sum.plan.connections += next.plan.connections;
  sum.plan.rate += next.plan.rate;
  sum.plan.count += next.plan.count;
  sum.plan.threads += next.plan.threads;
  for (const std::string& source : next.plan.sources) sum.plan.sources.push_back(source);
  add_side_by_side(sum, next);
  sum.partial = sum.partial || next.partial;
  sum.generators += next.generators;
  sum.pace = sum.pace && next.pace ? std::optional(*sum.pace + *next.pace) : std::nullopt;
  if (sum.socket != next.socket) sum.socket.reset();  // there is none that all had
  add_word(sum.target, next.target);
  add_word(sum.plan.label, next.plan.label);
  add_word(sum.system.kernel, next.system.kernel);
  sum.system.cpus += next.system.cpus;
}

// A generator by the file that it left, and by its label.
std::string named(const std::string& path, const Result& result) {
  const std::string& label = result.plan.label;
  return label.empty() ? path : fmt::format("{} ({})", path, label);
}

}  // namespace

void add_measurements(Result& sum, const Result& next) {
  sum.counters.add(next.counters);
  sum.longest_wait = std::max(sum.longest_wait, next.longest_wait);
  for (const Metric metric : kMetrics) sum.histogram(metric).add(next.histogram(metric));
  sum.latency_without_echoc.add(next.latency_without_echoc);
  for (const Corruption& one : next.corruptions) {
    if (sum.corruptions.size() < kShownCorruptions) sum.corruptions.push_back(one);
  }
  for (const UsedAddress& address : next.addresses) add_address(sum.addresses, address);
  if (next.tcp && sum.tcp) sum.tcp->add(*next.tcp);
  if (!sum.tcp) sum.tcp = next.tcp;
  sum.generator.threads += next.generator.threads;
  sum.generator.cpu += next.generator.cpu;
  sum.generator.longest_pause = std::max(sum.generator.longest_pause, next.generator.longest_pause);
}

void MergedResult::add_file(const std::string& path) {
  try {
    add_text(path == "-" ? "standard input" : path, read_saved_text(path));
  } catch (const UsageError&) {
    throw;
  } catch (const std::runtime_error& error) {
    problems_.push_back(error.what());
  }
}

void MergedResult::add_text(const std::string& path, const std::string& text) {
  const std::size_t first = text.find_first_not_of("\xef\xbb\xbf \t\r\n");  // a mark of UTF-8
  if (first == text.npos) throw std::runtime_error(path + ": is empty");
  const Kind kind = text[first] == '{' ? Kind::json : Kind::hlog;
  if (kind_ != Kind::none && kind != kind_) {
    throw UsageError(
        fmt::format("{} and {} are not of the same kind: JSON results and .hlog files "
                    "cannot be merged with each other",
                    first_path_, path));
  }
  const std::uint64_t before = kind_ == Kind::none ? 0 : result_.generators;
  try {
    kind == Kind::json ? add_json(path, text) : add_hlog(path, text);
  } catch (const UsageError&) {
    throw;
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(fmt::format("{}: {}", path, error.what()));
  }
  look_for_repeated(path, text, before);
}

// No two runs have all figures in common, under whatever names they are saved.
void MergedResult::look_for_repeated(const std::string& path, const std::string& text,
                                     std::uint64_t before) {
  const auto [first, is_new] = paths_.emplace(text, path);
  if (is_new) return;
  repeated_ += result_.generators - before;
  result_.remarks.push_back(
      fmt::format("{} holds the same run as {}, which is counted once more", path, first->second));
}

void MergedResult::add_json(const std::string& path, const std::string& text) {
  Result next = parse_result(text);
  if (!next.error.empty()) throw std::runtime_error("measured nothing: " + next.error);
  if (!next.targets.empty()) {
    next.remarks.push_back(
        fmt::format("{} holds {} targets, which are added up", path, next.targets.size()));
    next.targets.clear();
  }
  add(path, next);
  kind_ = Kind::json;
}

void MergedResult::add_hlog(const std::string& path, const std::string& text) {
  Result next;
  next.times_only = true;
  std::map<std::string, std::uint64_t> foreign;
  std::istringstream file(text);
  const HlogSummary summary =
      read_hlog(file, [&](const std::string& tag, const Histogram& histogram) {
        const auto metric = std::ranges::find(kMetrics, tag.empty() ? name(Metric::latency) : tag,
                                              [](Metric one) { return name(one); });
        if (metric == kMetrics.end()) {
          foreign[tag] += histogram.count();
        } else {
          next.histogram(*metric).add(histogram);
        }
      });
  if (summary.rows == 0) throw std::runtime_error("holds no histogram");
  compare_loops(path, summary);
  if (summary.open_loop && next.histogram(Metric::connect).count() == 0) {
    next.remarks.push_back(path + " holds the latency only: its run was cut short");
  }
  add(path, next);
  kind_ = Kind::hlog;
  for (const auto& [tag, count] : foreign) {
    problems_.push_back(fmt::format("{}: {} left out: '{}' is not a time of echoc", path,
                                    counted(count, "value is", "values are"), tag));
  }
}

// The mode is only known from the log; the rate that it had is not.
void MergedResult::compare_loops(const std::string& path, const HlogSummary& summary) {
  if (!summary.open_loop) return;
  if (!open_loop_) {
    open_loop_ = summary.open_loop;
  } else if (*open_loop_ != *summary.open_loop) {
    result_.remarks.push_back(path +
                              " is of another kind of loop than the files before it: their "
                              "latencies do not mean the same");
  }
}

// A share that is there twice, or of another fleet, is easily a file of an earlier run.
void MergedResult::compare_shares(const std::string& path, const Result& next) {
  for (const Share& share : next.shares) {
    if (result_.shares.empty()) return;
    if (std::ranges::count(result_.shares, share) > 0) {
      result_.remarks.push_back(
          fmt::format("{} is share {}, which is in the sum already", path, share.text()));
    } else if (share.parts != result_.shares.front().parts) {
      result_.remarks.push_back(fmt::format("{} is share {} and {} {}: they are not of one fleet",
                                            path, share.text(), first_path_,
                                            result_.shares.front().text()));
    }
  }
}

// Their latencies do not mean the same, and only one of them was asked for a rate.
void MergedResult::refuse_another_mode(const std::string& path, const Result& next) const {
  if (next.times_only || result_.open_loop() == next.open_loop()) return;
  const auto mode = [](const Result& result) {
    return result.open_loop() ? "an open" : "a closed";
  };
  throw UsageError(fmt::format("{} is of {} loop and {} of {} one: they cannot be merged",
                               first_path_, mode(result_), path, mode(next)));
}

void MergedResult::compare(const std::string& path, const Result& next) {
  refuse_another_mode(path, next);
  compare_shares(path, next);
  auto ours = load_texts(result_);
  for (const auto& [key, text] : load_texts(next)) {
    if (ours[key] == text || next.times_only) continue;
    result_.remarks.push_back(fmt::format("{} has {} {} and {} {}: they do not measure the same",
                                          first_path_, key, ours[key], path, text));
  }
  const bool are_apart = next.started >= result_.started + result_.duration ||
                         result_.started >= next.started + next.duration;
  if (are_apart && !next.times_only) {
    result_.remarks.push_back(fmt::format(
        "{} did not run at the same time as the others: their rates are added all the same", path));
  }
}

void MergedResult::add(const std::string& path, const Result& next) {
  if (kind_ == Kind::none) {
    result_ = next;
    first_path_ = named(path, next);
    return;
  }
  compare(named(path, next), next);
  Result sum = result_;  // so that a sum that overflows changes nothing
  add_plan(sum, next);
  add_measurements(sum, next);
  for (const std::string& remark : next.remarks) sum.remarks.push_back(remark);
  result_ = std::move(sum);
}

}  // namespace echo
