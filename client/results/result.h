#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/results/answer_curve.h"
#include "client/results/found_rate.h"
#include "client/results/histogram.h"
#include "client/results/metric.h"
#include "client/results/objective.h"
#include "client/results/plan.h"
#include "client/results/tcp_summary.h"

namespace echo {

// Why a connection could not be made, was lost, or a message failed.
enum class Failure {
  refused,
  connect_timeout,
  peer_closed,
  peer_reset,
  timeout,
  no_resources,
  other,
};
inline constexpr std::size_t kFailures = static_cast<std::size_t>(Failure::other) + 1;

std::string_view name(Failure failure);  // the key of results, such as "peer_reset"
Failure failure_of(int error);           // what an errno of connect, send or recv stands for

struct Counters {
  struct {
    std::uint64_t asked = 0;        // with --messages-per-connection each connect is one
    std::uint64_t made = 0;         // before the clock started
    std::uint64_t failed = 0;       // could not be made for good, then or later
    std::uint64_t lost = 0;         // without being asked to end
    std::uint64_t reconnected = 0;  // made again after a loss
    std::uint64_t churned = 0;      // made again as --messages-per-connection asks
    std::uint64_t silent = 0;       // had messages, and not one byte came back
  } connections;
  struct {
    // echoed + corrupt + timed_out + lost + in_flight, unless bytes came unexpected
    std::uint64_t sent = 0;
    std::uint64_t echoed = 0;
    std::uint64_t corrupt = 0;
    std::uint64_t timed_out = 0;
    std::uint64_t lost = 0;    // with their connection, or without an answer when the run ended
    std::uint64_t unsent = 0;  // were due, but their connection was not free before the run ended
    std::uint64_t waited = 0;  // were due while every connection of theirs was busy
    std::uint64_t in_flight = 0;          // unanswered at an interruption
    std::uint64_t corrupt_in_warmup = 0;  // before the measuring began: in no other figure
  } messages;
  struct {
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
  } bytes;
  std::array<std::uint64_t, kFailures> failures{};

  void count(Failure failure) { ++failures[static_cast<std::size_t>(failure)]; }
  void add(const Counters& other);  // throws std::overflow_error

  std::uint64_t due() const { return messages.sent + messages.unsent; }
  // Messages that have no latency because they failed.
  std::uint64_t unanswered() const {
    return messages.corrupt + messages.timed_out + messages.lost + messages.unsent;
  }
};

// Calls visit(group, key, field) for each counter of `counters`, in the order and with the names of
// the JSON result. One list for whatever does something with all of them.
template <typename CountersOrConst, typename Visit>
void for_each_counter(CountersOrConst& counters, Visit visit) {
  auto& [asked, made, failed, lost, reconnected, churned, silent] = counters.connections;
  visit("connections", "asked", asked);
  visit("connections", "made", made);
  visit("connections", "failed", failed);
  visit("connections", "lost", lost);
  visit("connections", "reconnected", reconnected);
  visit("connections", "churned", churned);
  visit("connections", "silent", silent);
  auto& messages = counters.messages;
  visit("messages", "sent", messages.sent);
  visit("messages", "echoed", messages.echoed);
  visit("messages", "corrupt", messages.corrupt);
  visit("messages", "timed_out", messages.timed_out);
  visit("messages", "lost", messages.lost);
  visit("messages", "unsent", messages.unsent);
  visit("messages", "waited", messages.waited);
  visit("messages", "in_flight", messages.in_flight);
  visit("messages", "corrupt_in_warmup", messages.corrupt_in_warmup);
  visit("bytes", "sent", counters.bytes.sent);
  visit("bytes", "received", counters.bytes.received);
}

// What reports, intervals, objectives and the exit status all mean by errors: messages that failed
// and connections that could not be made or were lost.
std::uint64_t failures(const Counters& counters);
// The part of the messages due and connections asked for, which may be above 1 where connections
// are lost again and again; nothing if there were none.
std::optional<double> failed_share(const Counters& counters);

// Where an answer was wrong. Numbers of connections and messages begin with 1, offsets with 0.
struct Corruption {
  std::uint64_t connection = 0;
  std::uint64_t message = 0;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  unsigned got = 0;
  unsigned wanted = 0;
  bool unexpected = false;  // came when nothing was outstanding: there is no wanted byte
};
inline constexpr std::size_t kShownCorruptions = 10;

// A server address that the load went to, or that did not answer.
struct UsedAddress {
  std::string address;
  std::uint64_t connections = 0;  // that it answered
  std::uint64_t failures = 0;     // attempts that failed
  std::string why;                // of the last one that failed
};
// To what is known of the same address, or as another one.
void add_address(std::vector<UsedAddress>& all, const UsedAddress& next);

// What the generator threads cost, and how badly they were held up.
struct GeneratorUse {
  std::uint64_t threads = 0;
  std::chrono::nanoseconds cpu{0};
  std::chrono::nanoseconds longest_pause{0};  // from when a loop should have woken until it did
};

// Where the load was made.
struct System {
  std::string kernel;      // "Linux 6.1.0-18-amd64 x86_64"
  std::uint64_t cpus = 0;  // that the process may use

  static System current();
};

// What happened in an interval of the run.
struct Interval {
  std::chrono::nanoseconds start{0};  // since the measuring began
  std::chrono::nanoseconds length{0};
  std::uint64_t echoed = 0;
  std::uint64_t errors = 0;
  std::uint64_t unsent = 0;       // due in it, and never sent; among the errors
  std::uint64_t connections = 0;  // up at its end
  std::uint64_t retransmissions = 0;
  std::chrono::nanoseconds p50{0};
  std::chrono::nanoseconds p99{0};
  std::chrono::nanoseconds max{0};
  std::chrono::nanoseconds lateness{0};  // the longest of messages that left in it; open loop only

  double at_seconds() const;  // its end
  double rate() const;        // messages a second
};

struct Result;

// One of several targets, and its runs in the order of time.
struct TargetRuns {
  std::string target;
  std::vector<Result> runs;
};

// Of several runs: the time in which all of them measured, 0 if there is none, and the sum of the
// rates that each of them achieved.
struct Together {
  std::chrono::system_clock::time_point from;
  std::chrono::nanoseconds time{0};
  double achieved_rate = 0;
};

// All that a run was asked for and has measured.
struct Result {
  LoadPlan plan;
  bool partial = false;
  std::string error;             // why nothing was measured
  std::uint64_t generators = 1;  // results that were merged into this one
  std::vector<Share> shares;     // of a fleet, that it holds, in their order
  bool times_only = false;       // merged from .hlog files, which know no counters
  std::string target;
  std::chrono::system_clock::time_point started;  // when the measuring began
  std::chrono::nanoseconds duration{0};           // of the measuring
  // Open loop: for how long the messages that were due last at the rate asked for. The achieved
  // rate is reckoned over it.
  std::chrono::nanoseconds scheduled{0};
  double asked_rate = 0;  // 0: closed loop
  // Messages per second at which answers came while messages were due; of a run with a rate and a
  // duration, of several rounds the lowest.
  std::optional<double> pace;
  std::optional<Together> together;
  Counters counters;
  std::chrono::nanoseconds longest_wait{0};           // of a message for a busy connection
  std::array<Histogram, kMetrics.size()> histograms;  // by Metric
  std::vector<Corruption> corruptions;                // the first few
  std::vector<Interval> intervals;
  std::vector<Verdict> verdicts;
  std::vector<std::string> remarks;  // further warnings
  std::vector<UsedAddress> addresses;
  System system;
  std::optional<EffectiveSocket> socket;  // of a connection that was made
  GeneratorUse generator;
  std::optional<TcpSummary> tcp;  // none of a unix socket
  // Latency without what echoc itself was late by: shows whether its own part moves a percentile.
  Histogram latency_without_echoc;
  AnswerCurve answers{};
  std::optional<FoundRate> found_rate;  // of --find-rate, whose run this is
  // Of several targets; then everything else is the sum of their runs, and the verdicts are theirs.
  std::vector<TargetRuns> targets;

  Histogram& histogram(Metric which) { return histograms[static_cast<std::size_t>(which)]; }
  const Histogram& histogram(Metric which) const {
    return histograms[static_cast<std::size_t>(which)];
  }
  // Messages per second that were answered: of those due over the schedule (open loop), or over the
  // duration (closed loop). Of several runs the sum.
  double achieved_rate() const;
  std::optional<double> lowest_interval_rate() const;
  bool open_loop() const { return asked_rate > 0; }
  // Nothing came about that a file or an objective could tell of.
  bool nothing_happened() const;
};

}  // namespace echo
