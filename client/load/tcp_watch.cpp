#include "client/load/tcp_watch.h"

#include "client/wire/tcp_state.h"

namespace echo::load {
namespace {

// What a look at a connection takes, generously; and how much of the time all of them may take.
constexpr std::chrono::nanoseconds kOneLook = std::chrono::microseconds(2);
constexpr int kRest = 20;

}  // namespace

void TcpWatch::look(int socket, Recorder& recorder, SteadyTime now, Look how) {
  if (is_over_) return;
  is_over_ = how == Look::last;
  const auto state = tcp_state(socket);
  if (!state) return;
  const std::uint64_t more = state->retransmissions - retransmissions_;
  retransmissions_ = state->retransmissions;
  if (how == Look::baseline || !recorder.is_measuring(now)) return;
  TcpSummary tcp;
  tcp.connections = is_counted_ ? 0 : 1;
  tcp.affected = more > 0 && !is_affected_ ? 1 : 0;
  tcp.retransmissions = more;
  tcp.rtt.add(static_cast<std::uint64_t>(state->rtt.count()));
  if (state->min_rtt) tcp.min_rtt.add(static_cast<std::uint64_t>(state->min_rtt->count()));
  tcp.congestion_window.add(state->congestion_window);
  if (state->delivery_rate > 0) tcp.delivery_rate.add(state->delivery_rate);
  tcp.lost.add(state->lost);
  recorder.kernel_told(tcp);
  is_counted_ = true;
  is_affected_ = is_affected_ || more > 0;
}

void TcpSweep::begin(SteadyTime measured_from, std::chrono::nanoseconds interval,
                     std::size_t connections) {
  connections_ = connections;
  interval_ = interval;
  boundary_ = measured_from;
  due_ = connections == 0 ? kNever : boundary_ - static_cast<std::int64_t>(connections) * kOneLook;
}

void TcpSweep::plan_next(SteadyTime now) {
  next_ = 0;
  how_ = TcpWatch::Look::interval;
  const auto time = static_cast<std::int64_t>(connections_) * kOneLook;
  const SteadyTime earliest = std::max(began_ + kRest * time, now);
  // Intervals that have passed meanwhile are told of together with the next one.
  if (boundary_ <= earliest) {
    boundary_ += ((earliest - boundary_) / interval_ + 1) * interval_;
  } else {
    boundary_ += interval_;
  }
  due_ = std::max(boundary_ - time, earliest);
}

}  // namespace echo::load
