#include "client/wire/echo_check.h"

#include <algorithm>

namespace echo {

EchoCheck::EchoCheck(std::size_t kept)
    : size_(kept), bytes_(std::make_unique_for_overwrite<char[]>(kept)) {}

void EchoCheck::sent(std::span<const char> bytes) {
  while (!bytes.empty()) {
    const std::span<char> room = kept_from(sent_);
    const auto part = bytes.first(std::min(bytes.size(), room.size()));
    if (sent_ >= size_) let_go(room.first(part.size()));
    std::ranges::copy(part, room.begin());
    sent_ += part.size();
    bytes = bytes.subspan(part.size());
  }
}

// The oldest bytes that are kept. Only a hash is left of those that have not come back.
void EchoCheck::let_go(std::span<const char> bytes) {
  const std::uint64_t first = first_kept();
  if (received_ >= first + bytes.size()) return;
  if (received_ >= first) {
    bytes = bytes.subspan(received_ - first);
    hashed_from_ = received_;
    hash_sent_ = hash_received_ = {};
  }
  hash_sent_.add(bytes);
}

std::optional<EchoCheck::Wrong> EchoCheck::received(std::span<const char> bytes) {
  std::optional<Wrong> wrong;
  while (!bytes.empty() && !wrong && !has_failed_) {
    std::size_t count = bytes.size();
    if (received_ >= sent_) {
      wrong = Wrong{received_, received_, true};
    } else if (received_ >= first_kept()) {
      const auto wanted = kept_from(received_);
      count = std::min<std::uint64_t>({count, wanted.size(), sent_ - received_});
      const auto differ = std::ranges::mismatch(bytes.first(count), wanted.first(count));
      const auto right = static_cast<std::uint64_t>(differ.in1 - bytes.begin());
      if (right < count) wrong = Wrong{received_ + right, received_ + right, false};
    } else {
      count = std::min<std::uint64_t>(count, first_kept() - received_);
      hash_received_.add(bytes.first(count));
      const bool has_caught_up = received_ + count == first_kept();
      if (has_caught_up && hash_received_.value != hash_sent_.value) {
        wrong = Wrong{hashed_from_, received_ + count - 1, false};
      }
    }
    received_ += count;
    bytes = bytes.subspan(count);
  }
  received_ += bytes.size();
  has_failed_ = has_failed_ || wrong;
  return wrong;
}

std::span<char> EchoCheck::kept_from(std::uint64_t place) {
  const std::size_t offset = place % size_;
  return {bytes_.get() + offset, size_ - offset};
}

void EchoCheck::Hash::add(std::span<const char> bytes) {
  for (const char byte : bytes) {
    value = (value ^ static_cast<unsigned char>(byte)) * 0x100000001b3U;
  }
}

}  // namespace echo
