#include "common/options/nearest.h"

#include <algorithm>
#include <vector>

namespace echo {
namespace {

// Optimal string alignment: the letters to insert, drop, change or swap with their neighbour.
std::size_t distance(std::string_view from, std::string_view to) {
  std::vector<std::vector<std::size_t>> table(from.size() + 1,
                                              std::vector<std::size_t>(to.size() + 1));
  for (std::size_t i = 0; i <= from.size(); ++i) table[i][0] = i;
  for (std::size_t j = 0; j <= to.size(); ++j) table[0][j] = j;
  for (std::size_t i = 1; i <= from.size(); ++i) {
    for (std::size_t j = 1; j <= to.size(); ++j) {
      const std::size_t changed = from[i - 1] == to[j - 1] ? 0 : 1;
      table[i][j] =
          std::min({table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + changed});
      if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1]) {
        table[i][j] = std::min(table[i][j], table[i - 2][j - 2] + 1);
      }
    }
  }
  return table[from.size()][to.size()];
}

std::string_view without_dashes(std::string_view word) {
  return word.substr(std::min(word.find_first_not_of('-'), word.size()));
}

}  // namespace

std::optional<std::string> nearest(std::string_view word, std::span<const std::string> known) {
  constexpr std::size_t kLongestWord = 64;
  const std::string_view typed = without_dashes(word);
  if (typed.size() < 2 || typed.size() > kLongestWord) return std::nullopt;
  std::optional<std::string> best;
  std::size_t least = typed.size() < 4 ? 2 : 3;  // one slip in a short word, else two
  for (const std::string& each : known) {
    const std::string_view wanted = without_dashes(each);
    if (wanted.size() < 2) continue;  // a single letter is near to everything
    const std::size_t apart = wanted.starts_with(typed) ? 1 : distance(typed, wanted);
    if (apart >= least || apart >= std::max(typed.size(), wanted.size())) continue;
    least = apart;
    best = each;
  }
  return best;
}

}  // namespace echo
