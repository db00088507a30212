#include "client/results/share.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <stdexcept>

#include "client/results/text.h"
#include "common/units.h"

namespace echo {
namespace {

constexpr std::string_view kSeparator = ", ";
constexpr std::size_t kNamed = 10;

// Digits alone: neither a sign nor a suffix.
std::optional<std::uint64_t> plain_number(std::string_view text) {
  if (text.empty() || text.find_first_not_of("0123456789") != text.npos) return std::nullopt;
  try {
    return parse_count(text);
  } catch (const std::invalid_argument&) {
    return std::nullopt;
  }
}

}  // namespace

Share Share::parse(std::string_view text) {
  const std::size_t slash = std::min(text.find('/'), text.size());
  const auto part = plain_number(text.substr(0, slash));
  const auto parts = plain_number(text.substr(std::min(slash + 1, text.size())));
  if (part && parts && *part >= 1 && *part <= *parts && *parts <= kMostShares) {
    return {*part, *parts};
  }
  throw std::invalid_argument(fmt::format("'{}' is not a share such as 1/3, 2/3 or 3/3", text));
}

std::string Share::text() const {
  return fmt::format("{}/{}", part, parts);
}

std::string shares_text(const std::vector<Share>& shares) {
  std::string text;
  for (const Share& share : shares) {
    if (!text.empty()) text += kSeparator;
    text += share.text();
  }
  return text;
}

std::vector<Share> parse_shares(std::string_view text) {
  std::vector<Share> shares;
  while (true) {
    const std::size_t end = text.find(kSeparator);
    shares.push_back(Share::parse(text.substr(0, end)));
    if (end == text.npos) return shares;
    text.remove_prefix(end + kSeparator.size());
  }
}

std::string missing_shares(const std::vector<Share>& shares) {
  if (shares.empty()) return {};
  const std::uint64_t parts = shares.front().parts;
  std::set<std::uint64_t> there;
  for (const Share& share : shares) {
    if (share.parts != parts) return {};
    there.insert(share.part);
  }
  const std::uint64_t count = parts - there.size();
  if (count == 0) return {};
  std::vector<Share> named;
  for (std::uint64_t part = 1; part <= parts && named.size() < kNamed; ++part) {
    if (!there.contains(part)) named.push_back({part, parts});
  }
  if (count == 1) return fmt::format("share {} is missing", shares_text(named));
  const std::string more =
      count > named.size() ? fmt::format(" and {} more", grouped(count - named.size())) : "";
  return fmt::format("shares {}{} are missing", shares_text(named), more);
}

}  // namespace echo
