#include "server/process/service_manager.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <stdexcept>

#include "common/error_text.h"

namespace echo {
namespace {

using std::chrono::microseconds;

constexpr std::chrono::seconds kStatusBeat{5};

// What a stop may take beside the drain (G6 allows a second) before systemd kills.
constexpr std::chrono::seconds kStopAllowance{5};

std::uint64_t monotonic_microseconds() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<microseconds>(now).count());
}

}  // namespace

// sd_notify(3) itself waits while the manager's queue is full, so this speaks its protocol.
ServiceManager::ServiceManager(Server& server) : server_(server) {
  const char* const variable = std::getenv("NOTIFY_SOCKET");
  const std::string_view path = variable == nullptr ? "" : variable;
  const bool is_abstract = path.starts_with('@');
  if (!is_abstract && !path.starts_with('/')) return;
  if (path.size() >= sizeof address_.sun_path) return;
  address_.sun_family = AF_UNIX;
  path.copy(address_.sun_path, path.size());
  if (is_abstract) address_.sun_path[0] = '\0';
  address_size_ =
      static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + (is_abstract ? 0 : 1));
  socket_.reset(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
}

void ServiceManager::start() {
  if (!socket_) return;
  status_timer_.emplace(
      server_.timers(), kStatusBeat, [this] { beat(); }, Timer::Mode::repeating);
  status_timer_->start_at(Timer::Clock::now());
  std::uint64_t interval = 0;
  if (::sd_watchdog_enabled(0, &interval) <= 0) return;
  // A third: a thread that hangs is still noticed, one that is only late costs nothing.
  const auto period = std::max(microseconds(interval) / 3, microseconds(1));
  watchdog_timer_.emplace(
      server_.timers(), period, [this] { feed_watchdog(); }, Timer::Mode::repeating);
  watchdog_timer_->start();
}

void ServiceManager::stopping(std::chrono::nanoseconds drain_timeout) {
  {
    const MutexLock lock(mutex_);
    drain_timeout_ = drain_timeout;
  }
  enter(State::stopping);
}

void ServiceManager::enter(State state) {
  const MutexLock lock(mutex_);
  if (state_ == State::stopping) return;
  state_ = state;
  tell_state();
}

void ServiceManager::tell_state() {
  std::array<char, 128> text{};
  char* end = text.data();
  switch (state_) {
    case State::starting:
      return;
    case State::ready:
      // The id, because a daemon is not the process that the manager started.
      end = fmt::format_to_n(end, text.size(), "READY=1\nMAINPID={}", ::getpid()).out;
      break;
    case State::reloading:
      end = fmt::format_to_n(end, text.size(), "RELOADING=1\nMONOTONIC_USEC={}",
                             monotonic_microseconds())
                .out;
      break;
    case State::stopping:
      // Otherwise TimeoutStopSec would cut a longer drain.
      end = fmt::format_to_n(
                end, text.size(), "STOPPING=1\nSTATUS=draining\nEXTEND_TIMEOUT_USEC={}",
                (std::chrono::ceil<microseconds>(drain_timeout_) + kStopAllowance).count())
                .out;
      break;
  }
  told_ = send({text.data(), static_cast<std::size_t>(end - text.data())});
}

// On the timers thread.
void ServiceManager::beat() {
  {
    const MutexLock lock(mutex_);
    if (!told_) tell_state();
  }
  const StatsSnapshot counters = server_.counters();
  std::string status =
      fmt::format("{}{} connection{}, {} accepted so far", is_stopping() ? "draining: " : "",
                  counters.live, counters.live == 1 ? "" : "s", counters.accepted);
  if (status != status_ && send("STATUS=" + status)) status_ = std::move(status);
}

// On the timers thread, which proves that this one turns. While it drains there is no listener any
// more.
void ServiceManager::feed_watchdog() {
  if (is_stopping() || server_.listener_responds()) send("WATCHDOG=1");
}

bool ServiceManager::is_stopping() {
  const MutexLock lock(mutex_);
  return state_ == State::stopping;
}

// False if the message can be told again later.
bool ServiceManager::send(std::string_view message) const {
  if (!socket_) return true;
  const auto* address = reinterpret_cast<const sockaddr*>(&address_);
  return ::sendto(socket_.get(), message.data(), message.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
                  address, address_size_) >= 0;
}

std::vector<Descriptor> inherited_sockets() {
  const int count = ::sd_listen_fds(1);
  if (count < 0) {
    throw std::runtime_error(fmt::format(
        "cannot take the sockets that the service manager passes: {}", error_text(-count)));
  }
  std::vector<Descriptor> sockets;
  for (int fd = SD_LISTEN_FDS_START; fd < SD_LISTEN_FDS_START + count; ++fd) {
    sockets.emplace_back(fd);
    if (::sd_is_socket(fd, AF_UNSPEC, SOCK_STREAM, 1) <= 0) {
      throw std::runtime_error(fmt::format(
          "descriptor {} from the service manager is not a listening stream socket", fd));
    }
  }
  return sockets;
}

}  // namespace echo
