#include "client/wire/message_window.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

namespace echo {
namespace {

using Bytes = std::vector<std::byte>;

const Payload kPayload(7);

// All that a window has to send, sent.
Bytes send_all(MessageWindow& window) {
  Bytes buffer(10'000);
  const auto bytes = window.fill(buffer);
  window.sent(bytes.size());
  return {bytes.begin(), bytes.end()};
}

std::span<const std::byte> part(const Bytes& bytes, std::size_t first, std::size_t count) {
  return std::span(bytes).subspan(first, count);
}

TEST_CASE("messages are answered in their order by however the bytes come") {
  for (const std::size_t piece : {1U, 7U, 64U, 1000U}) {
    CAPTURE(piece);
    MessageWindow window(kPayload, 3);
    window.open(5);
    for (std::uint64_t number = 0; number < 3; ++number) window.begin(64).number = number;
    CHECK(window.full());
    const Bytes bytes = send_all(window);
    CHECK(bytes.size() == 3 * 64);
    std::uint64_t answered = 0;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
      CHECK_FALSE(window.receive(part(bytes, at, std::min(piece, bytes.size() - at))));
      for (; window.is_front_answered(); window.pop()) CHECK(window.front().number == answered++);
      CHECK(answered == window.bytes_received() / 64);
    }
    CHECK(answered == 3);
    CHECK(window.empty());
  }
}

TEST_CASE("a message is sent from where the last send ended") {
  MessageWindow window(kPayload, 1);
  window.open(1);
  window.begin(100);
  Bytes small(30);
  CHECK(window.fill(small).size() == 30);
  window.sent(20);
  CHECK(window.unsent() == 80);
  const auto rest = window.fill(small);
  CHECK(rest.size() == 30);
  CHECK_FALSE(kPayload.first_difference(1, 20, rest));
}

TEST_CASE("a wrong byte is located in its message behind those that were right") {
  MessageWindow window(kPayload, 3);
  window.open(5);
  for (std::uint64_t number = 0; number < 3; ++number) window.begin(64).number = number;
  Bytes bytes = send_all(window);
  bytes[64 + 17] ^= std::byte{4};
  const auto wrong = window.receive(bytes);
  REQUIRE(wrong);
  CHECK_FALSE(wrong->unexpected);
  CHECK(wrong->offset == 17);
  CHECK((wrong->got ^ wrong->wanted) == std::byte{4});
  CHECK(window.is_front_answered());
  window.pop();
  CHECK_FALSE(window.is_front_answered());
  CHECK(window.front().number == 1);
  CHECK(window.bytes_received() == 64 + 17);
}

TEST_CASE("a byte that was not sent is unexpected and the message before it is answered") {
  MessageWindow window(kPayload, 2);
  window.open(5);
  window.begin(10);
  Bytes bytes = send_all(window);
  bytes.push_back(std::byte{0x42});
  const auto wrong = window.receive(bytes);
  REQUIRE(wrong);
  CHECK(wrong->unexpected);
  CHECK(wrong->got == std::byte{0x42});
  CHECK(window.is_front_answered());
}

TEST_CASE("bytes of a message that has begun and was not sent are unexpected") {
  MessageWindow window(kPayload, 1);
  window.open(5);
  window.begin(10);
  Bytes buffer(10);
  window.fill(buffer);
  window.sent(4);
  const auto wrong = window.receive(buffer);
  REQUIRE(wrong);
  CHECK(wrong->unexpected);
  CHECK(wrong->got == buffer[4]);
  CHECK_FALSE(window.is_front_answered());
}

TEST_CASE("a delay is that of the messages that were not wholly sent and not of the newest") {
  MessageWindow window(kPayload, 4);
  window.open(1);
  window.begin(10);
  window.begin(10);
  Bytes buffer(15);
  window.sent(window.fill(buffer).size());
  window.begin(10);
  window.begin(10);
  window.delay(window.bytes_sent(), 1, std::chrono::seconds(3));
  const SteadyTime later = SteadyTime() + std::chrono::seconds(3);
  CHECK(window.newest(3).begun == SteadyTime());
  CHECK(window.newest(2).begun == later);
  CHECK(window.newest(1).begun == later);
  CHECK(window.newest(0).begun == SteadyTime());
}

TEST_CASE("a slot remembers the message before the one that takes it") {
  MessageWindow window(kPayload, 2);
  window.open(1);
  for (int i = 0; i < 4; ++i) {
    const SteadyTime done = SteadyTime() + std::chrono::seconds(i);
    if (i >= 2) CHECK(window.next_slot().done == done - std::chrono::seconds(2));
    window.begin(8).done = done;
    window.receive(send_all(window));
    window.pop();
  }
}

TEST_CASE("a new connection begins with nothing under way and a stream of its own") {
  MessageWindow window(kPayload, 2);
  window.open(1);
  window.begin(64);
  const Bytes first = send_all(window);
  window.open(2);
  CHECK(window.empty());
  CHECK(window.bytes_sent() == 0);
  window.begin(64);
  CHECK(send_all(window) != first);
  CHECK(window.receive(first));
}

}  // namespace
}  // namespace echo
