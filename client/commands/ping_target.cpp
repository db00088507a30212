#include "client/commands/ping_target.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "client/wire/socket_setup.h"
#include "common/console.h"
#include "common/units.h"

namespace echo {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::nanoseconds;

// How long to look for a byte behind the last answer.
constexpr nanoseconds kPatience = std::chrono::seconds(1);

}  // namespace

PingParts::PingParts(const PingOptions& asked, int interrupt)
    : options(asked),
      output({.quiet = asked.quiet, .timestamps = asked.timestamps, .interrupt = interrupt}),
      payload(asked.seed) {}

PingTarget::PingTarget(const Address& address, PingParts& parts)
    : name_(printable(address.text())),
      parts_(parts),
      connector_(address, parts.options, parts.epoll,
                 {.socket = &socket_watch_, .resolver = &resolver_watch_}),
      probe_(parts.payload, parts.buffer),
      schedule_(parts.options.interval) {}

void PingTarget::begin(SteadyTime first) {
  schedule_.start(first);
  deadline_ = first;
}

void PingTarget::on_ready(const Watch& watch, std::uint32_t events) {
  if (watch.is_resolver) {
    const auto state = connector_.on_resolver();
    if (state_ == State::connecting) follow(state);
    return;
  }
  signs_.was_ready = true;
  const SteadyTime now = Clock::now();
  switch (state_) {
    case State::connecting:
      return follow(connector_.on_ready(now));
    case State::exchanging:
      return exchange(probe_.advance((events & EPOLLOUT) != 0, (events & ~EPOLLOUT) != 0, now));
    case State::waiting:
      if (probe_) receive_idle();
      return;
    case State::finishing:
      probe_.receive_idle();
      report_unexpected();
      return end();
    case State::over:
      break;
  }
}

void PingTarget::on_time(SteadyTime now, SteadyTime told_until) {
  const bool was_ready = std::exchange(signs_.was_ready, false);
  if (state_ == State::waiting) {
    if (now >= deadline_) begin_message(now);
    return;
  }
  // An answer may have come since the epoll was asked: then it asks once more.
  if (was_ready || told_until < deadline_) return;
  switch (state_) {
    case State::connecting:
      return follow(connector_.on_deadline(now));
    case State::exchanging:
      return exchange(probe_.time_out());
    case State::finishing:
      parts_.output.say("{}: the server did not close its side within {}\n", peer(),
                        duration_text(patience()));
      return end();
    case State::waiting:
    case State::over:
      break;
  }
}

void PingTarget::begin_message(SteadyTime now) {
  current_ = {tally_.sent(), now, std::chrono::system_clock::now()};
  if (!probe_) {
    state_ = State::connecting;
    return follow(connector_.begin(now, is_needed()));
  }
  state_ = State::exchanging;
  exchange(probe_.begin(parts_.options.size, Clock::now(), parts_.options.timeout));
}

void PingTarget::follow(PingConnector::State state) {
  deadline_ = connector_.deadline();
  if (state == PingConnector::State::connected) return connected();
  if (state != PingConnector::State::failed) return;
  if (is_needed()) throw std::runtime_error(connector_.why(true));
  lost(connector_.cause(), connector_.why(false));
}

void PingTarget::connected() {
  Dialed made = connector_.take();
  probe_.open(std::move(made.socket), made.peer, ++parts_.streams);
  signs_.waits_to_write = false;
  const SteadyTime now = Clock::now();
  announce(made.connect_time, now);
  state_ = State::exchanging;
  exchange(probe_.begin(parts_.options.size, now, parts_.options.timeout));
}

void PingTarget::announce(nanoseconds connect_time, SteadyTime now) {
  const bool is_first = !std::exchange(signs_.was_connected, true);
  tally_.connected(connect_time, !is_first);
  if (is_first && parts_.options.socket.any()) {
    parts_.output.say("{}: socket with {}\n", peer(), to_text(effective_socket(probe_.socket())));
  }
  // The first message waits for a connection; that is not a part of it.
  if (is_first && current_.number == 1) {
    current_ = {1, now, std::chrono::system_clock::now()};
    return schedule_.start(now);
  }
  parts_.output.say("{}: connected {}in {} ms\n", peer(), is_first ? "" : "again ",
                    ping_milliseconds(connect_time));
}

void PingTarget::exchange(Probe::Outcome outcome) {
  switch (outcome) {
    case Probe::Outcome::pending:
      deadline_ = probe_.deadline();
      return watch_socket();
    case Probe::Outcome::echoed:
      return echoed();
    case Probe::Outcome::lost:
      return lost(loss_of(probe_.failure()), probe_.why());
    case Probe::Outcome::corrupt:
      tally_.corrupt();
      parts_.output.warn("{}: seq={} corrupt: {}\n", peer(), current_.number, probe_.why());
      probe_.close();
      return conclude();
  }
}

void PingTarget::echoed() {
  const SteadyTime now = Clock::now();
  const nanoseconds time = now - probe_.begun();
  const auto outage = tally_.echoed(time, now);
  parts_.output.say("{} bytes from {}: seq={} time={} ms\n", parts_.options.size, peer(),
                    current_.number, ping_milliseconds(time));
  if (outage) parts_.output.say("{}: outage over: {}\n", name_, *outage);
  if (report_unexpected()) probe_.close();
  conclude();
}

void PingTarget::lost(PingLoss cause, const std::string& why) {
  tally_.lost(current_.start, current_.wall, cause);
  parts_.output.say("{}: seq={} lost: {}\n", name_, current_.number, printable(why));
  probe_.close();
  conclude();
}

// The message is over. What nobody can read needs no more of them.
void PingTarget::conclude() {
  if (is_count_reached() || parts_.output.is_lost()) return finish();
  tally_.skipped(schedule_.advance(Clock::now()));
  state_ = State::waiting;
  deadline_ = schedule_.due();
  watch_socket();
}

bool PingTarget::is_count_reached() const {
  return parts_.options.count != 0 && tally_.count() >= parts_.options.count;
}

// Between two messages nothing should come but the end of the connection.
void PingTarget::receive_idle() {
  probe_.receive_idle();
  if (!report_unexpected()) {
    parts_.output.say("{}: {} between messages\n", peer(), probe_.why());
  }
  probe_.close();
}

bool PingTarget::report_unexpected() {
  const auto byte = probe_.take_unexpected();
  if (!byte) return false;
  tally_.unexpected();
  parts_.output.warn("{}: a byte that was never sent came behind seq={}: {:#04x}\n", peer(),
                     tally_.count(), *byte);
  return true;
}

void PingTarget::stop() {
  if (state_ == State::over) return;
  if (state_ == State::waiting) return finish();
  if (state_ != State::finishing) abandon();
  end();
}

void PingTarget::abandon() {
  const nanoseconds age = Clock::now() - current_.start;
  if (!tally_.abandoned(age, current_.start, current_.wall)) return;
  parts_.output.say("{}: seq={} unanswered for {} ms\n", name_, current_.number,
                    ping_milliseconds(age));
}

// A doubled byte may come behind the last answer: nothing but the end of the connection may.
void PingTarget::finish() {
  if (!probe_) return end();
  probe_.finish();
  state_ = State::finishing;
  deadline_ = Clock::now() + patience();
  watch_socket();
}

nanoseconds PingTarget::patience() const {
  return std::min(kPatience, parts_.options.timeout);
}

void PingTarget::end() {
  probe_.close();
  state_ = State::over;
  deadline_ = kNever;
}

void PingTarget::watch_socket() {
  const bool wanted = state_ == State::exchanging && probe_.wants_to_write();
  if (!probe_ || wanted == signs_.waits_to_write) return;
  signs_.waits_to_write = wanted;
  parts_.epoll.change(probe_.socket(), wanted ? EPOLLIN | EPOLLOUT : EPOLLIN, &socket_watch_);
}

// A path may hold bytes that would do something to a terminal.
std::string PingTarget::peer() const {
  std::string text = printable(probe_.peer());
  if (parts_.options.addresses.size() == 1 || text == name_) return text;
  return fmt::format("{} ({})", name_, text);
}

}  // namespace echo
