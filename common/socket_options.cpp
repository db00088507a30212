#include "common/socket_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>
#include <utility>

#include "common/units.h"

namespace echo {
namespace {

constexpr unsigned kHighestDscp = 63;

// RFC 2474, 2597, 3246, 5865 and 8622.
constexpr std::array<std::pair<std::string_view, unsigned>, 23> kDscps{{
    {"CS0", 0},   {"CS1", 8},   {"CS2", 16},  {"CS3", 24},  {"CS4", 32},  {"CS5", 40},
    {"CS6", 48},  {"CS7", 56},  {"AF11", 10}, {"AF12", 12}, {"AF13", 14}, {"AF21", 18},
    {"AF22", 20}, {"AF23", 22}, {"AF31", 26}, {"AF32", 28}, {"AF33", 30}, {"AF41", 34},
    {"AF42", 36}, {"AF43", 38}, {"EF", 46},   {"VA", 44},   {"LE", 1},
}};

}  // namespace

std::string_view SocketOptions::first_of_tcp() const {
  if (dscp) return "--dscp";
  if (!congestion.empty()) return "--congestion";
  return no_nodelay ? "--no-nodelay" : "";
}

unsigned parse_dscp(std::string_view text) {
  const std::string lower = lower_case(text);
  const auto named =
      std::ranges::find_if(kDscps, [&](const auto& one) { return lower_case(one.first) == lower; });
  if (named != kDscps.end()) return named->second;
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number > kHighestDscp) {
    throw std::invalid_argument(fmt::format(
        "'{}' is not a DSCP: CS0 to CS7, AF11 to AF43, EF, VA, LE or a number from 0 to {}", text,
        kHighestDscp));
  }
  return number;
}

std::string dscp_text(unsigned dscp) {
  const auto named =
      std::ranges::find(kDscps, dscp, &std::pair<std::string_view, unsigned>::second);
  return named == kDscps.end() ? std::to_string(dscp) : fmt::format("{} ({})", dscp, named->first);
}

std::string to_text(const EffectiveSocket& socket) {
  std::string text;
  if (socket.dscp) text += fmt::format("DSCP {}, ", dscp_text(*socket.dscp));
  if (socket.congestion) text += fmt::format("congestion control {}, ", *socket.congestion);
  text += fmt::format("send buffer {} bytes, receive buffer {} bytes", socket.send_buffer,
                      socket.receive_buffer);
  if (socket.nodelay) text += *socket.nodelay ? ", no delay" : ", Nagle's delay";
  return text;
}

}  // namespace echo
