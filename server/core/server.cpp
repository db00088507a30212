#include "server/core/server.h"

#include <fmt/format.h>
#include <poll.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

#include "common/logging.h"

namespace echo {
namespace {

using std::chrono::milliseconds;

std::vector<ListeningSocket> open_all(asio::io_context& context, const Options& options,
                                      std::vector<Descriptor> inherited) {
  std::vector<ListeningSocket> sockets;
  for (Descriptor& socket : inherited) {
    sockets.push_back(ListeningSocket::inherited(context, std::move(socket)));
  }
  if (!sockets.empty() && !options.listen_given) return sockets;
  for (const Address& address : options.listen) {
    auto opened = ListeningSocket::open(context, address, options.backlog);
    std::move(opened.begin(), opened.end(), std::back_inserter(sockets));
  }
  return sockets;
}

SessionLimits session_limits(const Options& options) {
  return {.idle_timeout = options.idle_timeout,
          .write_timeout = options.write_timeout,
          .max_lifetime = options.max_lifetime,
          .spin = options.spin};
}

// Returns when `idle` is readable or the time is over, or when `wake` is readable and `skip`
// agrees.
void wait_until_idle(int idle, std::chrono::nanoseconds timeout, int wake,
                     const std::function<bool()>& skip) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  for (;;) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left <= milliseconds::zero()) return;
    const auto ms = static_cast<int>(std::min(left, milliseconds(3'600'000)).count());
    std::array<pollfd, 2> ready{{{idle, POLLIN, 0}, {wake, POLLIN, 0}}};
    if (::poll(ready.data(), ready.size(), ms) <= 0) continue;
    if (ready[0].revents != 0 || skip()) return;
  }
}

}  // namespace

Server::Server(const Options& options, std::vector<Descriptor> inherited)
    : options_(options),
      sessions_(stats_),
      admission_(options.admission),
      workers_(sessions_, timers_, session_limits(options), options.stack_size),
      heartbeat_(timers_, options.heartbeat, sessions_),
      listener_(open_all(context_, options, std::move(inherited)), admission_, workers_, stats_) {}

std::vector<std::string> Server::addresses() const {
  std::vector<std::string> result;
  for (const ListeningSocket& socket : listener_.sockets()) result.push_back(socket.address());
  return result;
}

void Server::start() {
  // Now everything is open that is no connection, and the user is the one whose limits hold.
  admission_.set_ceiling(Ceiling::of_this_process());
  if (!options_.port_file.empty()) write_port_file();
  for (const std::string& address : addresses()) {
    log_event(Level::info, "listening", "listening on {address}", {{"address", address}});
  }
  heartbeat_.start();
  listener_.start();
  serving_.store(true, std::memory_order_relaxed);
}

void Server::reconfigure(const Options& options) {
  admission_.configure(options.admission);
  workers_.set_limits(session_limits(options));
  heartbeat_.set_beat(options.heartbeat);
  options_.drain_timeout = options.drain_timeout;
}

Server::Report Server::stop(int wake, const std::function<bool()>& skip) {
  // Before anything else: who asks must not send more clients.
  serving_.store(false, std::memory_order_relaxed);
  listener_.stop();
  heartbeat_.stop();
  log_event(Level::info, "draining", "draining: {connections} connections",
            {{"connections", sessions_.snapshot().live}});
  sessions_.drain();

  wait_until_idle(workers_.idle_descriptor(), options_.drain_timeout, wake, skip);
  sessions_.reset();
  workers_.stop();

  const StatsSnapshot counted = stats_.snapshot();
  const Report report{.served = counted.accepted - counted.refused(), .forced = sessions_.forced()};
  log_event(Level::info, "stopped", "stopped: {served} served, {forced} forced",
            {{"served", report.served}, {"forced", report.forced}});
  return report;
}

void Server::write_port_file() const {
  // Written whole and renamed, so that who waits for the file never reads half of it.
  const std::string temporary = options_.port_file + ".new";
  std::string text;
  for (const std::string& address : addresses()) text += address + '\n';
  std::ofstream file(temporary, std::ios::trunc);
  if (!(file << text << std::flush) ||
      std::rename(temporary.c_str(), options_.port_file.c_str()) != 0) {
    const int error = errno;
    std::remove(temporary.c_str());
    throw std::runtime_error(
        fmt::format("cannot write the port file {}: {}", options_.port_file, std::strerror(error)));
  }
}

}  // namespace echo
