#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace echo {

// A number that looks like chance and depends on every bit of `value`: the finaliser of SplitMix64
// (Steele, Lea, Flood: Fast splittable pseudorandom number generators).
constexpr std::uint64_t scramble(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15U;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31);
}

// What a connection sends: an endless stream of bytes, each of which depends on the seed, on the
// connection and on its place in the stream. So the stream carries connection and sequence in every
// byte: one that is wrong, missing, doubled or from elsewhere shows at once or with the next byte
// (random bytes are equal once in 256 times), whatever the size of a message is, and costs no
// header. Constant after construction; any thread.
class Payload {
 public:
  explicit Payload(std::uint64_t seed);

  // Writes the connection's stream from `position` on.
  void fill(std::uint64_t connection, std::uint64_t position, std::span<std::byte> bytes) const;

  // Where `bytes`, received at `position`, first differ from what was sent; none where they don't.
  std::optional<std::size_t> first_difference(std::uint64_t connection, std::uint64_t position,
                                              std::span<const std::byte> bytes) const;

  std::byte at(std::uint64_t connection, std::uint64_t position) const;

  // The size of a message, drawn from smallest to largest: the same for the same seed.
  std::uint64_t size(std::uint64_t connection, std::uint64_t message, std::uint64_t smallest,
                     std::uint64_t largest) const;

 private:
  std::uint64_t key(std::uint64_t connection, std::uint64_t block) const;

  std::uint64_t seed_;
  std::vector<std::uint64_t> table_;
};

}  // namespace echo
