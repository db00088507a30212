#pragma once

#include <string>
#include <string_view>

namespace echo {

// A gate of compare --fail, such as "p99>+10%" or "rate<-5%": by how much the median of the new
// runs may differ from that of the base.
struct Threshold {
  // Blanks do not matter. Throws std::invalid_argument whose message quotes the text and shows the
  // grammar.
  static Threshold parse(std::string_view text);

  // Whether the change, a share of the base, is beyond the limit; infinity is.
  bool is_exceeded(double change) const;

  std::string text;        // without blanks
  std::string metric;      // a name of --slo, or cpu_per_message
  std::string comparison;  // "<", "<=", ">", ">="
  double limit = 0;        // a share, below 0 for a decrease
};

inline constexpr std::string_view kCpuPerMessage = "cpu_per_message";

}  // namespace echo
