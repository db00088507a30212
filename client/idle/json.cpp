#include "client/idle/json.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include <nlohmann/json.hpp>

#include "client/idle/advice.h"
#include "client/results/durations.h"
#include "client/results/json_socket.h"
#include "client/results/wall_clock.h"

namespace echo::idle {
namespace {

using Json = nlohmann::json;

// Rounded to milliseconds: poll(2), which times a silence, is no more exact than that.
Json time(std::chrono::nanoseconds time) {
  return std::round(seconds(time) * 1000) / 1000;
}

Json time(const std::optional<std::chrono::nanoseconds>& value) {
  return value ? time(*value) : Json();
}

Json finding_json(const Finding& finding) {
  Json json{{"gap_s", time(finding.gap)}, {"verdict", nullptr}, {"after_s", nullptr}};
  if (finding.verdict) {
    json["verdict"] = name(*finding.verdict);
    json["after_s"] = time(finding.after);
  }
  if (finding.verdict == Verdict::no_answer) json["acknowledged"] = finding.acknowledged;
  if (finding.segments) json["segments_while_silent"] = *finding.segments;
  if (!finding.note.empty()) json["error"] = finding.note;
  return json;
}

// Those of one target were all set up alike.
Json effective_json(const std::vector<Finding>& findings) {
  const auto connected = std::ranges::find_if(
      findings, [](const Finding& finding) { return finding.socket.has_value(); });
  return connected == findings.end() ? Json() : Json(socket_json(*connected->socket));
}

Json target_json(const TargetResult& target) {
  const Bounds bounds = bounds_of(target.findings);
  Json gaps = Json::array();
  for (const Finding& finding : target.findings) gaps.push_back(finding_json(finding));
  Json json{{"target", target.target},
            {"gaps", gaps},
            {"socket", effective_json(target.findings)},
            {"longest_alive_s", time(bounds.alive)},
            {"shortest_dead_s", time(bounds.dead)}};
  if (bounds.dead && !bounds.alive) json["longest_alive_s"] = 0.0;
  if (!target.error.empty()) json["error"] = target.error;
  return json;
}

Json options_json(const Options& options) {
  Json json{{"bisect", options.bisect},
            {"keepalive_s", time(options.keepalive)},
            {"timeout_s", time(options.timeout)},
            {"connect_timeout_s", time(options.connect_timeout)}};
  json.update(Json(socket_json(options.socket)));
  if (!options.bisect) return json;
  json["from_s"] = time(options.from);
  json["to_s"] = time(options.to);
  json["precision_s"] = time(options.precision);
  return json;
}

}  // namespace

std::string json_text(const Result& result) {
  Json targets = Json::array();
  for (const TargetResult& target : result.targets) targets.push_back(target_json(target));
  Json json{{"tool", "echoc"},
            {"version", ECHO_VERSION},
            {"schema", 2},
            {"partial", result.partial},
            {"started", rfc3339(result.started)},
            {"options", options_json(result.options)},
            {"seed", result.options.seed},
            {"warnings", warnings(result)},
            {"targets", targets}};
  if (result.options.require) {
    json["require"] = {{"gap_s", time(*result.options.require)},
                       {"met", result.is_measured() && result.survives_required()}};
  }
  if (!result.is_measured()) {
    json["error"] =
        result.partial ? "interrupted before a gap was measured" : "no gap was measured";
  }
  // A path may hold any byte.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace echo::idle
