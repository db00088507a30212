#include "server/core/echo.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <string>

namespace echo {
namespace {

// What recv(2) and send(2) do next, one entry a call: a count of bytes, 0 for the end, or -errno.
struct ScriptedStream {
  std::deque<int> receives;
  std::deque<int> sends;
  std::string received;
  std::string sent;

  ssize_t receive(std::span<std::byte> space) {
    const int result = take(receives);
    for (int i = 0; i < result; ++i) {
      const char byte = static_cast<char>('a' + static_cast<int>(received.size()) % 26);
      space[static_cast<std::size_t>(i)] = static_cast<std::byte>(byte);
      received += byte;
    }
    return result;
  }

  ssize_t send(std::span<const std::byte> bytes) {
    const int result = std::min(take(sends), static_cast<int>(bytes.size()));
    if (result > 0) sent.append(reinterpret_cast<const char*>(bytes.data()), std::size_t(result));
    return result;
  }

  static int take(std::deque<int>& script) {
    const int result = script.front();
    script.pop_front();
    errno = result < 0 ? -result : 0;
    return result < 0 ? -1 : result;
  }
};

TEST_CASE("an echo step sends what it has received") {
  ScriptedStream stream{.receives = {5, 3}, .sends = {5, 3}, .received = {}, .sent = {}};
  Buffer buffer;
  Echo echo(buffer);
  CHECK(echo.step(stream) == Echo::Next::receive);
  CHECK(echo.step(stream) == Echo::Next::receive);
  CHECK(stream.sent == "abcdefgh");
  CHECK(echo.received() == 8);
  CHECK(echo.sent() == 8);
}

TEST_CASE("an echo step goes on after short sends where it stopped") {
  ScriptedStream stream{.receives = {6}, .sends = {1, 2, 3}, .received = {}, .sent = {}};
  Buffer buffer;
  Echo echo(buffer);
  CHECK(echo.step(stream) == Echo::Next::send);
  CHECK(echo.has_pending());
  CHECK(echo.step(stream) == Echo::Next::send);
  CHECK(echo.step(stream) == Echo::Next::receive);
  CHECK_FALSE(echo.has_pending());
  CHECK(stream.sent == "abcdef");
}

TEST_CASE("an echo step that is interrupted or would block is tried again") {
  ScriptedStream stream{
      .receives = {-EINTR, -EAGAIN, 2}, .sends = {-EINTR, -EAGAIN, 2}, .received = {}, .sent = {}};
  Buffer buffer;
  Echo echo(buffer);
  CHECK(echo.step(stream) == Echo::Next::again);
  CHECK(echo.step(stream) == Echo::Next::receive);
  CHECK(echo.step(stream) == Echo::Next::send);
  CHECK(echo.step(stream) == Echo::Next::send);
  CHECK(echo.step(stream) == Echo::Next::receive);
  CHECK(stream.sent == "ab");
}

TEST_CASE("an echo whose receive fills the space need not wait for more") {
  const int whole = Buffer::kSmall;
  ScriptedStream stream{
      .receives = {whole, whole - 1}, .sends = {whole, whole - 1}, .received = {}, .sent = {}};
  Buffer buffer;
  Echo echo(buffer);
  CHECK(echo.step(stream) == Echo::Next::again);
  CHECK(echo.step(stream) == Echo::Next::receive);
}

TEST_CASE("an echo ends with the cause that the stream gives") {
  const auto cause_of = [](std::deque<int> receives, std::deque<int> sends) {
    ScriptedStream stream{std::move(receives), std::move(sends), {}, {}};
    Buffer buffer;
    Echo echo(buffer);
    while (echo.step(stream) != Echo::Next::end) {
    }
    return echo.cause();
  };
  CHECK(cause_of({4, 0}, {4}) == CloseCause::peer_closed);
  CHECK(cause_of({-ECONNRESET}, {}) == CloseCause::peer_reset);
  CHECK(cause_of({4}, {-EPIPE}) == CloseCause::peer_reset);
  CHECK(cause_of({4}, {-ECONNRESET}) == CloseCause::peer_reset);
  CHECK(cause_of({-ETIMEDOUT}, {}) == CloseCause::unreachable);
  for (const int told : {EHOSTUNREACH, ENETUNREACH, EHOSTDOWN, ECONNREFUSED, EACCES, ENONET}) {
    CAPTURE(told);
    CHECK(cause_of({-told}, {}) == CloseCause::unreachable);
  }
  CHECK(cause_of({4}, {-ENETUNREACH}) == CloseCause::unreachable);
  CHECK(cause_of({-EBADF}, {}) == CloseCause::error);
}

TEST_CASE("an echo that fails to send keeps what is pending so that the end can be a reset") {
  ScriptedStream stream{.receives = {4}, .sends = {1, -EPIPE}, .received = {}, .sent = {}};
  Buffer buffer;
  Echo echo(buffer);
  CHECK(echo.step(stream) == Echo::Next::send);
  CHECK(echo.step(stream) == Echo::Next::end);
  CHECK(echo.has_pending());
  CHECK(echo.received() == 4);
  CHECK(echo.sent() == 1);
}

}  // namespace
}  // namespace echo
