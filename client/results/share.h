#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace echo {

// Which part of a load that several generators make together: part 2 of 3 is "2/3". Any thread.
struct Share {
  std::uint64_t part = 1;  // 1 to parts
  std::uint64_t parts = 1;

  // Throws std::invalid_argument whose message quotes the text and says what would be right.
  static Share parse(std::string_view text);
  std::string text() const;

  bool operator==(const Share&) const = default;
};

// More generators than anybody has, few enough to be looked through.
inline constexpr std::uint64_t kMostShares = 1'000'000;

// "1/3, 3/3", and back. Throws std::invalid_argument.
std::string shares_text(const std::vector<Share>& shares);
std::vector<Share> parse_shares(std::string_view text);

// What there is to say of a fleet of which these shares are there: "share 2/3 is missing"; empty if
// each is there. Shares of fleets of different sizes are no fleet, and nothing is said of them.
std::string missing_shares(const std::vector<Share>& shares);

}  // namespace echo
