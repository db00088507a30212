#include "client/page/page_facts.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>

#include "client/page/side_by_side.h"
#include "client/results/durations.h"
#include "client/results/findings.h"
#include "client/results/json_options.h"
#include "client/results/text.h"
#include "common/units.h"

namespace echo {
namespace {

constexpr std::size_t kMostAddresses = 20;

std::string joined(const std::vector<std::string>& parts) {
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string throughput(const Result& result) {
  if (result.duration.count() <= 0) return "-";
  const auto text = [&](std::uint64_t bytes) {
    return throughput_text(static_cast<double>(bytes) / seconds(result.duration));
  };
  const auto& bytes = result.counters.bytes;
  if (bytes.sent == bytes.received) return text(bytes.sent) + " each way";
  return fmt::format("{} sent, {} received", text(bytes.sent), text(bytes.received));
}

// "50 asked, 50 made, …" of a group of counters; only some are shown even if they are 0.
std::string counters(const Result& result, std::string_view group) {
  constexpr std::array<std::string_view, 5> kOnlyIfAny{"churned", "silent", "waited", "in_flight",
                                                       "corrupt_in_warmup"};
  std::vector<std::string> parts;
  for_each_counter(result.counters,
                   [&](std::string_view of, std::string_view key, std::uint64_t count) {
                     if (of != group || (count == 0 && std::ranges::count(kOnlyIfAny, key) > 0))
                       return;
                     std::string words(key == "echoed" ? "echoed and verified" : key);
                     std::ranges::replace(words, '_', ' ');
                     parts.push_back(grouped(count) + " " + words);
                   });
  return joined(parts);
}

std::string errors(const Result& result) {
  const std::uint64_t total = failures(result.counters);
  if (total == 0) return "none";
  std::vector<std::string> parts{
      fmt::format("{}, {}", grouped(total), share_of_errors(result.counters))};
  for (std::size_t i = 0; i < kFailures; ++i) {
    const std::uint64_t count = result.counters.failures[i];
    if (count == 0) continue;
    parts.push_back(fmt::format("{} {}", grouped(count), name(static_cast<Failure>(i))));
  }
  return joined(parts);
}

void add_corruptions(Facts& facts, const Result& result) {
  for (const Corruption& one : result.corruptions) {
    facts.emplace_back(
        "Corrupt",
        one.unexpected
            ? fmt::format("connection {}, behind message {}: a byte {:#04x} that was never sent",
                          one.connection, one.message, one.got)
            : fmt::format("connection {}, message {}: byte {} of {} is {:#04x} instead of {:#04x}",
                          one.connection, one.message, one.offset, one.size, one.got, one.wanted));
  }
}

std::string text_of(std::uint64_t value) {
  return grouped(value);
}
std::string text_of(double value) {
  return number_text(value);
}
std::string text_of(nanoseconds value) {
  return duration_text(value);
}
std::string text_of(bool value) {
  return value ? "yes" : "no";
}
template <typename T>
std::string text_of(const std::vector<T>& values) {
  return shown_text(fmt::format("{}", fmt::join(values, ",")));
}

// Those that were set, and what the kernel made of them.
void add_socket(Facts& facts, const Result& result) {
  const SocketOptions& asked = result.plan.socket;
  if (asked.dscp) facts.emplace_back("dscp", dscp_text(*asked.dscp));
  if (!asked.congestion.empty()) facts.emplace_back("congestion", shown_text(asked.congestion));
  if (asked.send_buffer != 0) facts.emplace_back("send-buffer", grouped(asked.send_buffer));
  if (asked.receive_buffer != 0) {
    facts.emplace_back("receive-buffer", grouped(asked.receive_buffer));
  }
  if (asked.no_nodelay) facts.emplace_back("no-nodelay", "yes");
  if (asked.any() && result.socket) {
    facts.emplace_back("socket", shown_text(to_text(*result.socket)));
  }
}

}  // namespace

Facts facts_of(const SavedRun& run) {
  const Result& result = run.result;
  Facts facts{{"Target", shown_text(result.target)}, {"File", shown_text(run.name)}};
  if (!result.plan.label.empty()) facts.emplace_back("Label", shown_text(result.plan.label));
  const auto started = std::chrono::system_clock::to_time_t(result.started);
  facts.emplace_back("Started", fmt::format("{:%Y-%m-%d %H:%M:%S} UTC", fmt::gmtime(started)));
  if (result.generators > 1) {
    facts.emplace_back("Merged", fmt::format("{} results", grouped(result.generators)));
  }
  facts.emplace_back("Loop", result.open_loop()
                                 ? "open: latency counts from when each message was due"
                                 : "closed: waiting senders hide stalls of the server");
  facts.emplace_back("Rate", joined(rate_items(result)));
  facts.emplace_back("Throughput", throughput(result));
  facts.emplace_back("Connections", counters(result, "connections"));
  facts.emplace_back("Messages", counters(result, "messages"));
  facts.emplace_back("Bytes", counters(result, "bytes"));
  facts.emplace_back("Errors", errors(result));
  add_corruptions(facts, result);
  facts.emplace_back("Limited by", limit_text(result));
  return facts;
}

Facts options_of(const Result& result) {
  Facts facts;
  for_each_option(result.plan, [&](std::string key, const auto& value) {
    if (key.ends_with("_s")) key.resize(key.size() - 2);
    std::ranges::replace(key, '_', '-');
    const bool ends_by_count = key == "duration" && result.plan.count != 0;
    facts.emplace_back(key, ends_by_count ? "-" : text_of(value));
  });
  add_socket(facts, result);
  facts.emplace_back("seed", fmt::format("{}", result.plan.seed));
  return facts;
}

Facts machine_of(const Result& result) {
  const GeneratorUse& use = result.generator;
  Facts facts{{"Kernel", shown_text(result.system.kernel)},
              {"CPUs allowed", grouped(result.system.cpus)},
              {"Generator threads", grouped(use.threads)},
              {"Processor time", short_text(use.cpu)},
              {"Longest pause of a generator", short_text(use.longest_pause)}};
  for (std::size_t i = 0; i < std::min(result.addresses.size(), kMostAddresses); ++i) {
    const UsedAddress& one = result.addresses[i];
    std::string text =
        fmt::format("{} answered {}", shown_text(one.address), counted(one.connections, "time"));
    if (one.failures > 0) {
      text += fmt::format(", failed {} ({})", counted(one.failures, "time"), shown_text(one.why));
    }
    facts.emplace_back("Address", text);
  }
  if (result.addresses.size() > kMostAddresses) {
    facts.emplace_back("Address",
                       fmt::format("and {} more", result.addresses.size() - kMostAddresses));
  }
  return facts;
}

}  // namespace echo
