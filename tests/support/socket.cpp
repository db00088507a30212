#include "tests/support/socket.h"

#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "common/address.h"
#include "tests/support/deadline.h"

namespace echo::testing {
namespace {

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace

Socket::Socket(Descriptor descriptor)
    : descriptor_(std::move(descriptor)), closing_(std::make_unique<std::mutex>()) {
  const timeval limit{.tv_sec = kHangLimit.count(), .tv_usec = 0};
  ::setsockopt(descriptor_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(descriptor_.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

Socket Socket::connect(std::string_view address) {
  int error = 0;
  for (const Endpoint& endpoint : endpoints_to_connect(Address::parse(address))) {
    Socket socket(Descriptor(::socket(endpoint.data()->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0)));
    const auto size = static_cast<socklen_t>(endpoint.size());
    if (::connect(socket.descriptor(), endpoint.data(), size) == 0) return socket;
    error = errno;
  }
  errno = error;
  fail("connect");
}

bool Socket::try_send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(descriptor_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && (errno == EPIPE || errno == ECONNRESET)) return false;
    if (count < 0) fail("send");
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

void Socket::send(std::string_view bytes) {
  if (!try_send(bytes)) fail("send");
}

std::string Socket::receive_some(std::size_t at_most) {
  std::string bytes(at_most, '\0');
  ssize_t count = -1;
  do {
    count = ::recv(descriptor_.get(), bytes.data(), bytes.size(), 0);
  } while (count < 0 && errno == EINTR);
  if (count < 0) fail("recv");
  bytes.resize(static_cast<std::size_t>(count));
  return bytes;
}

std::string Socket::receive(std::size_t size) {
  std::string bytes;
  while (bytes.size() < size) {
    const std::string more = receive_some(size - bytes.size());
    if (more.empty()) throw std::runtime_error("the stream ended too early, after: " + bytes);
    bytes += more;
  }
  return bytes;
}

std::string Socket::receive_until_end() {
  std::string bytes;
  for (std::string more = receive_some(); !more.empty(); more = receive_some()) bytes += more;
  return bytes;
}

bool Socket::is_reset() {
  try {
    receive_until_end();
    return false;
  } catch (const std::system_error& error) {
    if (error.code() == std::errc::connection_reset) return true;
    throw;
  }
}

void Socket::finish_sending() {
  ::shutdown(descriptor_.get(), SHUT_WR);
}

void Socket::close() {
  const std::lock_guard lock(*closing_);
  descriptor_ = Descriptor();
}

void Socket::cut() {
  const std::lock_guard lock(*closing_);
  if (descriptor_) ::shutdown(descriptor_.get(), SHUT_RDWR);
}

void Socket::reset() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(descriptor_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

}  // namespace echo::testing
