#include "client/idle/advice.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "client/results/durations.h"
#include "client/results/text.h"
#include "common/units.h"

namespace echo::idle {
namespace {

using std::chrono::nanoseconds;

constexpr std::chrono::seconds kShortestKeepalive{1};  // TCP_KEEPIDLE: tcp(7)
// The far end that sends probes by default: echod --keepalive.
constexpr std::chrono::seconds kUsualRefresh{60};

// Where echoc's own probes spoke in the silence, one of them may have met it.
std::string meaning_of_a_probe(const Finding& killer) {
  if (killer.verdict == Verdict::reset) {
    return "The connection was reset while only probes were sent: a NAT, a firewall or a load "
           "balancer had forgotten it, or a timeout of the server or of a proxy says so.";
  }
  return "The probes were no longer acknowledged: a NAT, a firewall or a load balancer had "
         "forgotten the connection and drops its packets.";
}

std::string meaning(const Options& options, const Finding& killer) {
  const bool has_probed = options.keepalive.count() > 0 && killer.silence > options.keepalive;
  if (has_probed && killer.died_while_silent() && killer.verdict != Verdict::closed) {
    return meaning_of_a_probe(killer);
  }
  switch (*killer.verdict) {
    case Verdict::closed:
      return killer.died_while_silent()
                 ? "The connection was closed (FIN) while it was silent: a timeout of the server "
                   "or of a proxy."
                 : "The next message was answered with the end of the connection (FIN): the server "
                   "or a proxy had given it up.";
    case Verdict::reset:
      return "The connection was reset while it was silent: a timeout of the server, or of a proxy "
             "or load balancer that says so.";
    case Verdict::reset_on_speaking:
      return "The next message was answered with a reset: a NAT, a firewall or a load balancer had "
             "forgotten the connection.";
    default:
      break;
  }
  if (killer.acknowledged) {
    return "The next message was acknowledged but not echoed: a proxy took it whose other side is "
           "gone, or the server stalls.";
  }
  return "The next message was never acknowledged: a NAT, a firewall or a load balancer had "
         "forgotten the connection and drops its packets. A program that waits notices that after "
         "about 15 minutes (net.ipv4.tcp_retries2), or after TCP_USER_TIMEOUT.";
}

// Whether the one that ended the connection counts bytes instead of packets.
bool counts_bytes(const Finding& killer) {
  return killer.verdict == Verdict::closed || killer.acknowledged;
}

std::string cure_by_bytes(const Bounds& bounds) {
  const std::string every = bounds.alive
                                ? fmt::format("at least every {}", gap_text(*bounds.alive))
                                : fmt::format("more often than every {}", gap_text(*bounds.dead));
  return fmt::format(
      "Such a timeout counts bytes, and TCP keepalive sends none: raise it (echod "
      "--idle-timeout; HAProxy's timeout client, timeout server and timeout tunnel; nginx's "
      "proxy_timeout), or let the program send a message of its own {}.",
      every);
}

std::string cure_by_packets(const Bounds& bounds) {
  constexpr const char* kRaise =
      "Or raise the limit of the box: on Linux "
      "net.netfilter.nf_conntrack_tcp_timeout_established, in a cloud the idle timeout "
      "(docs/recipes.md).";
  using std::chrono::seconds;
  const bool is_known = bounds.alive && *bounds.alive >= kShortestKeepalive;
  // If no whole second is known to survive, a guess well below what does not.
  const auto whole = std::chrono::floor<seconds>(is_known ? *bounds.alive : *bounds.dead / 2);
  if (whole < kShortestKeepalive) {
    return fmt::format(
        "TCP keepalive counts in whole seconds and is too slow for that: let the program send a "
        "message of its own more often. {}",
        kRaise);
  }
  // A proxy that resets what was silent for too long may not care about probes.
  const bool may_count_bytes = bounds.killer->verdict == Verdict::reset;
  const std::string text = duration_text(whole);
  return fmt::format(
      "A TCP keepalive of {} or less {} hold it: echod --keepalive {}; in a program SO_KEEPALIVE "
      "with TCP_KEEPIDLE, or net.ipv4.tcp_keepalive_time={} for those that set SO_KEEPALIVE alone. "
      "echoc idle --keepalive {} tries it from this side. {}",
      text, is_known && !may_count_bytes ? "would" : "may", text, whole.count(), text, kRaise);
}

std::string with_keepalive(const Options& options) {
  if (options.keepalive.count() == 0) return {};
  return fmt::format(" with a keepalive probe every {}", duration_text(options.keepalive));
}

// What is shown as no time at all.
bool ends_without_silence(const Bounds& bounds) {
  return !bounds.alive && std::chrono::round<std::chrono::milliseconds>(*bounds.dead).count() == 0;
}

std::string survival(const Options& options, const Bounds& bounds) {
  const std::string with = with_keepalive(options);
  if (!bounds.dead) {
    return fmt::format("Every silence up to {} survives{}.", gap_text(*bounds.alive), with);
  }
  if (!bounds.alive) {
    return fmt::format("Not even a silence of {} survives{}.", gap_text(*bounds.dead), with);
  }
  return fmt::format("A silence of {} survives{}, one of {} does not.", gap_text(*bounds.alive),
                     with, gap_text(*bounds.dead));
}

// With probes of our own: would they hold it?
std::string keepalive_answer(const Options& options, const Bounds& bounds) {
  const std::string interval = duration_text(options.keepalive);
  const nanoseconds longest = bounds.dead.value_or(bounds.alive.value_or(nanoseconds(0)));
  if (longest <= options.keepalive) {
    return fmt::format("{} keepalive probe was sent: no gap that was tried is longer than {}.",
                       bounds.dead ? "Before that no" : "No", interval);
  }
  if (!bounds.dead) return fmt::format("A keepalive of {} holds this path.", interval);
  return fmt::format("A keepalive of {} does not hold this path; a shorter one may.", interval);
}

// Of the silences that survived, how many the far end has interrupted.
std::size_t refreshed(const TargetResult& target) {
  return static_cast<std::size_t>(std::ranges::count_if(target.findings, [](const Finding& one) {
    return one.verdict == Verdict::alive && one.segments.value_or(0) > 0;
  }));
}

bool is_known_silent(const TargetResult& target) {
  return std::ranges::all_of(target.findings, [](const Finding& one) {
    return one.verdict == Verdict::alive && one.segments && *one.segments == 0;
  });
}

std::string prefixed(const Result& result, const TargetResult& target, const std::string& line) {
  return result.targets.size() == 1 ? line : target.target + ": " + line;
}

}  // namespace

std::string gap_text(nanoseconds gap) {
  const auto ms = std::chrono::round<std::chrono::milliseconds>(gap);
  if (ms < std::chrono::seconds(1) || ms % std::chrono::seconds(1) == ms.zero()) {
    return duration_text(ms);
  }
  const double precision = ms < std::chrono::seconds(100) ? 1000 : 10;
  return fmt::format("{}s", std::round(seconds(ms) * precision) / precision);
}

std::vector<std::string> advice(const Options& options, const TargetResult& target) {
  const Bounds bounds = bounds_of(target.findings);
  std::vector<std::string> text;
  if (!bounds.alive && !bounds.dead) return text;
  if (ends_without_silence(bounds)) {
    text.push_back(
        "The connection ended as soon as it had answered: the server or a proxy closes it behind "
        "an answer. That is no timeout, and no keepalive holds it.");
    return text;
  }
  text.push_back(survival(options, bounds));
  if (options.keepalive.count() > 0) text.push_back(keepalive_answer(options, bounds));
  if (bounds.dead) {
    text.push_back(meaning(options, *bounds.killer));
    if (counts_bytes(*bounds.killer)) {
      text.push_back(cure_by_bytes(bounds));
    } else if (options.keepalive.count() == 0) {
      text.push_back(cure_by_packets(bounds));
    }
  } else if (*bounds.alive >= kUsualRefresh && is_known_silent(target)) {
    text.push_back(
        "The far end sent nothing in these silences, so that it did not refresh the "
        "path.");
  }
  return text;
}

std::vector<std::string> warnings(const Result& result) {
  std::vector<std::string> lines;
  for (const TargetResult& target : result.targets) {
    if (const std::size_t count = refreshed(target)) {
      lines.push_back(prefixed(
          result, target,
          fmt::format("the far end was not silent in {} of the gaps that survived: its keepalive "
                      "probes, most likely, keep the path alive; run it as echod --keepalive 0 "
                      "--idle-timeout 0",
                      count)));
    }
    const Bounds bounds = bounds_of(target.findings);
    if (!bounds.alive_above) continue;
    lines.push_back(prefixed(
        result, target,
        fmt::format("a silence of {} died and one of {} survived: connections take different "
                    "paths, or something else ended that one; measure again",
                    gap_text(*bounds.dead), gap_text(*bounds.alive_above))));
  }
  return lines;
}

std::vector<std::string> unmeasured(const Result& result) {
  std::vector<std::string> lines;
  for (const TargetResult& target : result.targets) {
    if (target.is_measured()) continue;
    const std::string failure = target.common_failure();
    lines.push_back(
        fmt::format("{}: {}", target.target,
                    failure.empty() ? "no gap was measured, for several reasons" : failure));
  }
  return lines;
}

std::vector<std::string> shortcomings(const Result& result) {
  std::vector<std::string> lines;
  for (const TargetResult& target : result.targets) {
    if (!target.is_measured()) continue;
    const auto add = [&](const std::string& line) { lines.push_back(target.target + ": " + line); };
    for (const Finding& one : target.findings) {
      const std::string gap = gap_text(one.gap);
      if (one.verdict == Verdict::wrong_bytes) add("wrong bytes at " + gap + ": " + one.note);
      if (!one.verdict) add("no verdict at " + gap + ": " + one.note);
    }
    if (!result.options.require || result.partial) continue;
    const std::optional<bool> survives = target.survives(*result.options.require);
    if (survives == true) continue;
    add(fmt::format("the required silence of {} {}", gap_text(*result.options.require),
                    survives ? "does not survive" : "is not known"));
  }
  return lines;
}

}  // namespace echo::idle
