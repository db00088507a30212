#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

namespace echo {

// Compares what comes back with what was sent, whatever that is. It keeps the last bytes that were
// sent, as many as are under way with any echo server. If a server holds back even more, the check
// uses a hash until the server has caught up: memory stays bounded, and only the reported place of
// a wrong byte is less exact. Thread rule: one thread.
class EchoCheck {
 public:
  static constexpr std::size_t kKept = std::size_t{8} << 20;

  // Fewer for tests.
  explicit EchoCheck(std::size_t kept = kKept);

  void sent(std::span<const char> bytes);

  // A wrong byte lies in [first, last]; that is one place unless only a hash was left.
  struct Wrong {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    bool unexpected = false;  // more came back than was sent
  };
  // The first wrong byte, when it is found. Nothing is compared after it.
  std::optional<Wrong> received(std::span<const char> bytes);

  std::uint64_t bytes_sent() const { return sent_; }
  std::uint64_t bytes_received() const { return received_; }

 private:
  // FNV-1a of a part of the stream.
  struct Hash {
    std::uint64_t value = 0xcbf29ce484222325U;
    void add(std::span<const char> bytes);
  };

  void let_go(std::span<const char> bytes);
  std::span<char> kept_from(std::uint64_t place);  // to the end of the ring
  std::uint64_t first_kept() const { return sent_ < size_ ? 0 : sent_ - size_; }

  const std::size_t size_;
  const std::unique_ptr<char[]> bytes_;  // a ring
  std::uint64_t sent_ = 0;
  std::uint64_t received_ = 0;
  bool has_failed_ = false;
  // Of the bytes that were no longer kept when they came back, since the server fell behind.
  std::uint64_t hashed_from_ = 0;
  Hash hash_sent_;
  Hash hash_received_;
};

}  // namespace echo
