#include "client/wire/payload.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <vector>

namespace echo {
namespace {

std::vector<std::byte> stream(const Payload& payload, std::uint64_t connection,
                              std::uint64_t position, std::size_t size) {
  std::vector<std::byte> bytes(size);
  payload.fill(connection, position, bytes);
  return bytes;
}

TEST_CASE("a stream is the same however it is cut into pieces") {
  const Payload payload(7);
  const auto whole = stream(payload, 3, 0, 10'000);
  for (const std::size_t piece : {1U, 3U, 8U, 13U, 4095U, 4096U, 4097U}) {
    CAPTURE(piece);
    for (std::size_t at = 0; at < whole.size(); at += piece) {
      const std::size_t size = std::min(piece, whole.size() - at);
      const auto part = stream(payload, 3, at, size);
      REQUIRE(std::equal(part.begin(), part.end(), whole.begin() + static_cast<long>(at)));
      REQUIRE_FALSE(payload.first_difference(3, at, part));
    }
  }
}

TEST_CASE("a seed repeats its streams and another seed has others") {
  CHECK(stream(Payload(1), 5, 100, 64) == stream(Payload(1), 5, 100, 64));
  CHECK(stream(Payload(1), 5, 100, 64) != stream(Payload(2), 5, 100, 64));
  CHECK(stream(Payload(1), 5, 100, 64) != stream(Payload(1), 6, 100, 64));
}

TEST_CASE("every single wrong bit is found at its offset") {
  const Payload payload(1);
  auto bytes = stream(payload, 1, 4090, 40);  // across the edge of a block
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      bytes[i] ^= std::byte{1} << bit;
      CHECK(payload.first_difference(1, 4090, bytes) == i);
      bytes[i] ^= std::byte{1} << bit;
    }
  }
  CHECK_FALSE(payload.first_difference(1, 4090, bytes));
}

TEST_CASE("a missing or a doubled byte shows within a few bytes wherever it happens") {
  const Payload payload(1);
  const auto bytes = stream(payload, 9, 0, 20'000);
  for (std::size_t at = 0; at + 8 < bytes.size(); ++at) {
    const auto here = std::span(bytes).subspan(at, 9);
    const auto missing = here.subspan(1);
    std::vector<std::byte> doubled{here.front()};
    doubled.insert(doubled.end(), here.begin(), here.begin() + 7);
    REQUIRE(payload.first_difference(9, at, missing));
    REQUIRE(payload.first_difference(9, at, doubled));
  }
}

TEST_CASE("sizes are drawn from their whole range and repeated by their seed") {
  const Payload payload(1);
  std::array<int, 4> drawn{};
  for (std::uint64_t message = 0; message < 1000; ++message) {
    const std::uint64_t size = payload.size(3, message, 5, 8);
    REQUIRE(size >= 5);
    REQUIRE(size <= 8);
    ++drawn[size - 5];
    CHECK(Payload(1).size(3, message, 5, 8) == size);
  }
  for (const int count : drawn) CHECK(count > 150);
  CHECK(payload.size(3, 0, 7, 7) == 7);
}

TEST_CASE("messages of the same connection and of different ones do not look alike") {
  const Payload payload(1);
  for (std::uint64_t message = 0; message < 10'000; ++message) {
    const auto bytes = stream(payload, 0, message * 64, 64);
    REQUIRE(payload.first_difference(1, message * 64, bytes));
    REQUIRE(payload.first_difference(0, (message + 1) * 64, bytes));
    REQUIRE(payload.first_difference(0, message * 64 + 4096, bytes));
  }
}

}  // namespace
}  // namespace echo
