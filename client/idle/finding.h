#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "common/socket_options.h"

namespace echo::idle {

// What became of a connection that was silent for a gap.
enum class Verdict {
  alive,              // the message after the gap came back
  closed,             // FIN
  reset,              // RST while it was silent
  reset_on_speaking,  // RST once the message was sent
  no_answer,          // nothing came within the timeout
  wrong_bytes,        // something came that was not sent
};

// "reset_on_speaking": the word of the JSON result.
std::string_view name(Verdict verdict);

// Whether the silence cost the connection. Wrong bytes say nothing about that.
constexpr bool is_dead(Verdict verdict) {
  return verdict != Verdict::alive && verdict != Verdict::wrong_bytes;
}

// One gap and its verdict. Times count from the last acknowledged byte before the silence.
struct Finding {
  std::chrono::nanoseconds gap{0};
  std::optional<Verdict> verdict;       // none: `note` says why
  std::chrono::nanoseconds silence{0};  // until the message was sent, or the connection ended
  std::chrono::nanoseconds after{0};    // until the verdict was known
  // How many segments the other side sent during the silence, such as keepalive probes; none if
  // that is not known.
  std::optional<std::uint32_t> segments;
  bool acknowledged = false;  // no_answer: the message did arrive at the next TCP
  std::string note;
  std::optional<EffectiveSocket> socket{};  // as it was connected; none if it was not

  bool died() const { return verdict && is_dead(*verdict); }
  // The connection ended before the message was sent.
  bool died_while_silent() const { return died() && silence == after; }
  // A silence that is known to kill: shorter than the gap if the connection ended before, longer
  // if echoc spoke late. REQUIRES: died().
  std::chrono::nanoseconds deadly_silence() const;
};

// What the findings say together.
struct Bounds {
  std::optional<std::chrono::nanoseconds> alive;        // the longest that survived below `dead`
  std::optional<std::chrono::nanoseconds> dead;         // the shortest that did not
  std::optional<std::chrono::nanoseconds> alive_above;  // survived although `dead` did not
  const Finding* killer = nullptr;  // the finding that `dead` is from; lives as long as they do
};
Bounds bounds_of(std::span<const Finding> findings);

}  // namespace echo::idle
