#include "server/process/service_manager.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

namespace echo {
namespace {

using std::chrono::microseconds;

constexpr std::chrono::seconds kStatusBeat{5};

// Where the manager's queue is full this would wait; one message every few seconds fills none that
// anybody reads.
void notify(const std::string& state) {
  ::sd_notify(0, state.c_str());
}

}  // namespace

ServiceManager::ServiceManager(Server& server) : server_(server) {}

void ServiceManager::ready() {
  notify("READY=1");
  const bool first = !status_timer_;
  if (first && std::getenv("NOTIFY_SOCKET") != nullptr) begin();
}

void ServiceManager::begin() {
  status_timer_.emplace(
      server_.timers(), kStatusBeat, [this] { tell_status(); }, Timer::Mode::repeating);
  status_timer_->start_at(Timer::Clock::now());
  std::uint64_t interval = 0;
  if (::sd_watchdog_enabled(0, &interval) <= 0) return;
  // A third: a thread that hangs is still noticed, one that is only late costs nothing.
  const auto beat = std::max(microseconds(interval) / 3, microseconds(1));
  watchdog_timer_.emplace(
      server_.timers(), beat, [this] { feed_watchdog(); }, Timer::Mode::repeating);
  watchdog_timer_->start();
}

void ServiceManager::reloading() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  notify(fmt::format("RELOADING=1\nMONOTONIC_USEC={}",
                     std::chrono::duration_cast<microseconds>(now).count()));
}

void ServiceManager::stopping() {
  stopping_ = true;
  notify("STOPPING=1\nSTATUS=draining");
}

void ServiceManager::tell_status() {
  const StatsSnapshot counters = server_.counters();
  std::string status = fmt::format("{}{} connections, {} accepted so far",
                                   stopping_ ? "draining: " : "", counters.live, counters.accepted);
  if (status == status_) return;
  status_ = std::move(status);
  notify("STATUS=" + status_);
}

// Runs on the timers thread, which proves that this one turns. While it drains there is no listener
// any more.
void ServiceManager::feed_watchdog() {
  if (stopping_ || server_.listener_responds()) notify("WATCHDOG=1");
}

std::vector<Descriptor> inherited_sockets() {
  const int count = ::sd_listen_fds(1);
  if (count < 0) {
    throw std::runtime_error(fmt::format(
        "cannot take the sockets that the service manager passes: {}", std::strerror(-count)));
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
