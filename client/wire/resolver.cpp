#include "client/wire/resolver.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>

#include <asio/ip/address.hpp>

#include "common/error_text.h"

namespace echo {
namespace {

// An answer is one message: 'E' and the endpoints, each behind its length, or 'F' and a text.
constexpr std::size_t kLargest = 32 * 1024;

constexpr const char* kEnded = "the resolver has ended";

constexpr std::chrono::seconds kDelay{1};  // a name server must not be hammered

bool needs_resolving(const Address& address) {
  if (!address.path.empty() || address.host.empty()) return false;
  asio::error_code error;
  asio::ip::make_address(address.host, error);
  return static_cast<bool>(error);
}

std::string encode(const std::vector<Endpoint>& endpoints) {
  std::string message = "E";
  for (const Endpoint& endpoint : endpoints) {
    if (message.size() + 1 + endpoint.size() > kLargest) break;
    message += static_cast<char>(endpoint.size());
    message.append(reinterpret_cast<const char*>(endpoint.data()), endpoint.size());
  }
  return message;
}

Resolver::Answer decode(std::string_view message) {
  if (!message.starts_with('E')) {
    return {{}, message.empty() ? kEnded : std::string(message.substr(1))};
  }
  Resolver::Answer answer;
  for (std::size_t at = 1; at < message.size();) {
    const auto size = static_cast<unsigned char>(message[at]);
    Endpoint endpoint;
    endpoint.resize(size);
    std::memcpy(endpoint.data(), message.data() + at + 1, size);
    answer.endpoints.push_back(endpoint);
    at += 1U + size;
  }
  return answer;
}

std::string answer_of(const Address& address) {
  try {
    return encode(endpoints_to_connect(address));
  } catch (const std::exception& error) {
    return std::string("F") + error.what();
  }
}

// The child: an answer for each byte, until the owner is gone.
[[noreturn]] void serve(const Address& address, int channel) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  char question = 0;
  while (::recv(channel, &question, 1, 0) > 0) {
    const std::string answer = answer_of(address);
    ::send(channel, answer.data(), answer.size(), MSG_NOSIGNAL);
  }
  ::_exit(0);
}

}  // namespace

Resolver::Resolver(const Address& address) : address_(address) {
  if (!needs_resolving(address)) return;
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    throw std::system_error(errno, std::generic_category(), "socketpair");
  }
  channel_ = Descriptor(ends[0]);
  const Descriptor theirs(ends[1]);
  child_ = ::fork();
  if (child_ < 0) throw std::system_error(errno, std::generic_category(), "cannot start a process");
  if (child_ > 0) return;
  channel_.reset();
  serve(address_, theirs.get());
}

Resolver::~Resolver() {
  if (child_ <= 0) return;
  ::kill(child_, SIGKILL);
  while (::waitpid(child_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

bool Resolver::ask(SteadyTime now) {
  if (!is_name() || asked_ || now < not_before_) return asked_;
  not_before_ = now + kDelay;
  return asked_ = ::send(channel_.get(), "?", 1, MSG_NOSIGNAL) == 1;
}

std::optional<Resolver::Answer> Resolver::take() {
  if (!channel_) return std::nullopt;
  std::vector<char> message(kLargest);
  const ssize_t size = ::recv(channel_.get(), message.data(), message.size(), MSG_DONTWAIT);
  if (size < 0 && is_transient(errno)) return std::nullopt;
  if (size <= 0) channel_.reset();  // it has been killed, and its end would be readable for ever
  if (!std::exchange(asked_, false)) return std::nullopt;
  return decode({message.data(), static_cast<std::size_t>(size < 0 ? 0 : size)});
}

std::optional<std::vector<Endpoint>> Resolver::resolve(int interrupt) {
  if (!is_name()) return endpoints_to_connect(address_);
  not_before_ = SteadyTime::min();
  if (!ask(std::chrono::steady_clock::now())) throw std::runtime_error(kEnded);
  while (true) {
    std::array<pollfd, 2> entries{{{channel_.get(), POLLIN, 0}, {interrupt, POLLIN, 0}}};
    poll_until(entries, kNever);
    if (entries[1].revents != 0) return std::nullopt;
    const auto answer = take();
    if (!answer) continue;
    if (answer->endpoints.empty()) throw std::runtime_error(answer->failure);
    return answer->endpoints;
  }
}

}  // namespace echo
