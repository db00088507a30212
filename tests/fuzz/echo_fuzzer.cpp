// The echo of one connection against every behaviour that recv(2) and send(2) may show: whatever
// comes, what was sent is a prefix of what was received, and counters and cause tell the truth.
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <vector>

#include "server/core/echo.h"
#include "tests/fuzz/expect.h"

namespace {

using echo::CloseCause;
using echo::Echo;
using echo::testing::expect;

constexpr std::array kErrors{EINTR,       EAGAIN,       ECONNRESET, EPIPE,        ETIMEDOUT,
                             ENOBUFS,     ENOMEM,       EBADF,      EHOSTUNREACH, ENOTCONN,
                             ENETUNREACH, ECONNREFUSED, EACCES};

// Results of the calls as the input says, two bytes a call; after the input the stream ends.
class Script {
 public:
  explicit Script(std::span<const std::uint8_t> input) : input_(input) {}

  // A count of bytes from 0 to `most`, or -1 with errno set.
  ssize_t next(std::size_t most) {
    if (input_.size() < 2) return 0;
    const unsigned kind = input_[0];
    const std::size_t value = input_[1];
    input_ = input_.subspan(2);
    if (kind < kErrors.size()) {
      errno = kErrors[kind];
      return -1;
    }
    if (kind < 64) return static_cast<ssize_t>(most - std::min(most, value));
    return static_cast<ssize_t>(std::min(most, (kind - 64) * value));
  }

  bool at_end() const { return input_.size() < 2; }

 private:
  std::span<const std::uint8_t> input_;
};

// The bytes from a place of the stream on, as many as a buffer can take. The period is prime, so
// that bytes of another buffer are not taken for the right ones.
const std::byte* bytes_at(std::uint64_t place) {
  constexpr std::size_t kPeriod = 65'521;
  static const std::vector<std::byte> stream = [] {
    std::vector<std::byte> bytes(kPeriod + echo::Buffer::kLarge);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      const std::size_t place_in_period = i % kPeriod;
      bytes[i] = static_cast<std::byte>(place_in_period * 31 + place_in_period / 251);
    }
    return bytes;
  }();
  return stream.data() + place % kPeriod;
}

class Stream {
 public:
  explicit Stream(Script script) : script_(script) {}

  ssize_t receive(std::span<std::byte> space) {
    expect(!space.empty());
    expect(sent == received);  // else bytes that wait to be sent would be overwritten
    result = script_.next(space.size());
    if (result <= 0) return result;
    const auto count = static_cast<std::size_t>(result);
    std::memcpy(space.data(), bytes_at(received), count);
    received += count;
    return result;
  }

  // Past its end the script has the peer take everything.
  ssize_t send(std::span<const std::byte> bytes) {
    expect(!bytes.empty());
    const std::size_t pending = received - sent;
    expect(bytes.size() == pending);
    result = script_.at_end() ? static_cast<ssize_t>(pending) : script_.next(pending);
    if (result <= 0) return result;
    const auto count = static_cast<std::size_t>(result);
    expect(std::memcmp(bytes.data(), bytes_at(sent), count) == 0);
    sent += count;
    return result;
  }

  std::uint64_t received = 0;
  std::uint64_t sent = 0;
  ssize_t result = 0;  // of the last call; with a negative one errno is the reason

 private:
  Script script_;
};

void check_end(const Echo& echo, const Stream& stream, int error) {
  if (stream.result == 0) {
    expect(echo.cause() == CloseCause::peer_closed && stream.sent == stream.received);
  } else if (error == ECONNRESET || error == EPIPE) {
    expect(echo.cause() == CloseCause::peer_reset);
  } else {
    expect(error != EINTR && error != EAGAIN);
    const bool unreachable = error == ETIMEDOUT || error == EHOSTUNREACH || error == ENETUNREACH ||
                             error == ECONNREFUSED || error == EACCES;
    expect(echo.cause() == (unreachable ? CloseCause::unreachable : CloseCause::error));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kLongest = 512;  // more calls show nothing new
  Stream stream(Script(std::span(data, std::min(size, kLongest))));
  echo::Buffer buffer;
  const auto echo = std::make_unique<Echo>(buffer);
  for (;;) {
    const Echo::Next next = echo->step(stream);
    const int error = errno;
    expect(echo->received() == stream.received && echo->sent() == stream.sent);
    expect(echo->has_pending() == (stream.sent < stream.received));
    if (next == Echo::Next::end) {
      check_end(*echo, stream, error);
      return 0;
    }
    expect(echo->cause() == CloseCause::none);
    expect(echo->has_pending() == (next == Echo::Next::send));
  }
}
