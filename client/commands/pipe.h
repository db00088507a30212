#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace echo {

// Bytes on their way from one descriptor to another: filled as a whole, drained in parts. Thread
// rule: one thread.
class Pipe {
 public:
  static constexpr std::size_t kSize = 256 * 1024;

  bool empty() const { return first_ == last_; }
  std::span<char> room() { return empty() ? std::span(bytes_) : std::span<char>(); }
  std::span<const char> bytes() const { return std::span(bytes_).subspan(first_, last_ - first_); }
  void filled(std::size_t count) {
    first_ = 0;
    last_ = count;
  }
  void drained(std::size_t count) { first_ += count; }

 private:
  std::vector<char> bytes_ = std::vector<char>(kSize);
  std::size_t first_ = 0;
  std::size_t last_ = 0;
};

}  // namespace echo
