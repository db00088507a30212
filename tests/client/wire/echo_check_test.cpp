#include "client/wire/echo_check.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>

namespace echo {
namespace {

std::string random_text(std::size_t size) {
  std::mt19937 random(1);
  std::string text(size, '\0');
  for (char& byte : text) byte = static_cast<char>(random());
  return text;
}

// Sends all, at most `lead` bytes ahead of what has come back, in pieces of odd sizes.
std::optional<EchoCheck::Wrong> exchange(EchoCheck& check, const std::string& out,
                                         const std::string& back, std::size_t lead) {
  std::size_t sent = 0;
  std::size_t received = 0;
  while (received < back.size()) {
    while (sent < out.size() && sent < received + lead) {
      const std::size_t count =
          std::min<std::size_t>({out.size() - sent, received + lead - sent, 7});
      check.sent({out.data() + sent, count});
      sent += count;
    }
    const std::size_t count = std::min<std::size_t>(back.size() - received, 5);
    if (const auto wrong = check.received({back.data() + received, count})) return wrong;
    received += count;
  }
  return std::nullopt;
}

TEST_CASE("what comes back equal is right however far the server is behind") {
  const std::string text = random_text(10'000);
  for (const std::size_t lead : {5U, 60U, 64U, 70U, 200U, 10'000U}) {
    CAPTURE(lead);
    EchoCheck check(64);
    CHECK_FALSE(exchange(check, text, text, lead));
    CHECK(check.bytes_sent() == text.size());
    CHECK(check.bytes_received() == text.size());
  }
}

TEST_CASE("every wrong byte that is near enough is found at its place") {
  const std::string text = random_text(300);
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string back = text;
    back[at] = static_cast<char>(back[at] ^ 1);
    EchoCheck check(64);
    const auto wrong = exchange(check, text, back, 64);
    REQUIRE(wrong);
    CHECK(wrong->first == at);
    CHECK(wrong->last == at);
    CHECK_FALSE(wrong->unexpected);
  }
}

TEST_CASE("a wrong byte of a server that is far behind is found in its part") {
  const std::string text = random_text(1000);
  for (std::size_t at = 0; at < text.size(); at += 3) {
    std::string back = text;
    back[at] = static_cast<char>(back[at] ^ 0x40);
    EchoCheck check(64);
    const auto wrong = exchange(check, text, back, 1000);
    REQUIRE(wrong);
    CHECK(wrong->first <= at);
    CHECK(wrong->last >= at);
  }
}

TEST_CASE("a byte too many is found at its place") {
  EchoCheck check(64);
  check.sent({"0123", 4});
  const auto wrong = check.received({"01234", 5});
  REQUIRE(wrong);
  CHECK(wrong->first == 4);
  CHECK(wrong->unexpected);
  EchoCheck greeted;
  CHECK(greeted.received({"hello", 5})->unexpected);
}

TEST_CASE("nothing is compared behind the first wrong byte but everything is counted") {
  EchoCheck check(64);
  check.sent({"0123456789", 10});
  CHECK(check.received({"0x23", 4})->first == 1);
  CHECK_FALSE(check.received({"xxx", 3}));
  CHECK(check.bytes_received() == 7);
}

}  // namespace
}  // namespace echo
