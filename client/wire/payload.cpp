#include "client/wire/payload.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace echo {
namespace {

constexpr std::size_t kWord = sizeof(std::uint64_t);

// Small enough to stay in a core's first cache beside the messages, which is what makes checking
// every byte cheap. The key changes from block to block, so that the stream does not repeat.
constexpr std::size_t kBlock = 4096;

std::uint64_t load(const void* from) {
  std::uint64_t word = 0;
  std::memcpy(&word, from, kWord);
  return word;
}

// A key for words that begin at any byte of the block: byte i of the block meets byte i % 8 of it.
std::uint64_t rotated(std::uint64_t key, std::size_t offset) {
  return std::rotr(key, static_cast<int>(offset % kWord * 8));
}

}  // namespace

Payload::Payload(std::uint64_t seed) : seed_(scramble(seed)), table_(kBlock / kWord) {
  for (std::size_t i = 0; i < table_.size(); ++i) table_[i] = scramble(seed_ + i);
}

std::uint64_t Payload::key(std::uint64_t connection, std::uint64_t block) const {
  return scramble(scramble(seed_ ^ connection) + block);
}

void Payload::fill(std::uint64_t connection, std::uint64_t position,
                   std::span<std::byte> bytes) const {
  const auto* table = reinterpret_cast<const std::byte*>(table_.data());
  while (!bytes.empty()) {
    const std::size_t offset = position % kBlock;
    const std::size_t count = std::min(bytes.size(), kBlock - offset);
    const std::uint64_t turned = rotated(key(connection, position / kBlock), offset);
    std::size_t i = 0;
    for (; i + kWord <= count; i += kWord) {
      const std::uint64_t word = load(table + offset + i) ^ turned;
      std::memcpy(bytes.data() + i, &word, kWord);
    }
    for (; i < count; ++i) {
      bytes[i] = table[offset + i] ^ static_cast<std::byte>(turned >> (i % kWord * 8));
    }
    position += count;
    bytes = bytes.subspan(count);
  }
}

std::optional<std::size_t> Payload::first_difference(std::uint64_t connection,
                                                     std::uint64_t position,
                                                     std::span<const std::byte> bytes) const {
  const auto* table = reinterpret_cast<const std::byte*>(table_.data());
  std::size_t done = 0;
  while (done < bytes.size()) {
    const std::size_t offset = (position + done) % kBlock;
    const std::size_t count = std::min(bytes.size() - done, kBlock - offset);
    const std::uint64_t turned = rotated(key(connection, (position + done) / kBlock), offset);
    const std::byte* got = bytes.data() + done;
    std::uint64_t wrong = 0;
    std::size_t i = 0;
    for (; i + kWord <= count; i += kWord) {
      wrong |= load(table + offset + i) ^ turned ^ load(got + i);
    }
    for (; i < count; ++i) {
      const std::byte wanted =
          table[offset + i] ^ static_cast<std::byte>(turned >> (i % kWord * 8));
      wrong |= static_cast<std::uint64_t>(wanted ^ got[i]);
    }
    if (wrong != 0) {
      while (got[0] == at(connection, position + done)) ++got, ++done;
      return done;
    }
    done += count;
  }
  return std::nullopt;
}

std::byte Payload::at(std::uint64_t connection, std::uint64_t position) const {
  std::byte result{};
  fill(connection, position, {&result, 1});
  return result;
}

std::uint64_t Payload::size(std::uint64_t connection, std::uint64_t message, std::uint64_t smallest,
                            std::uint64_t largest) const {
  if (smallest == largest) return smallest;
  return smallest + scramble(key(connection, 0) + message) % (largest - smallest + 1);
}

}  // namespace echo
