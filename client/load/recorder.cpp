#include "client/load/recorder.h"

#include <algorithm>
#include <utility>

namespace echo::load {

Recorder::Recorder(bool open_loop, bool warms_up, IntervalQueue& queue)
    : open_loop_(open_loop), warms_up_(warms_up), queue_(queue) {}

void Recorder::measure_from(SteadyTime time, std::chrono::nanoseconds interval, SteadyTime end) {
  measured_from_ = time;
  length_ = interval;
  end_ = end;
  plan_interval(0);
  if (end != kNever) part_.end = time + (end - time) / kCurveParts;
}

void Recorder::began(const Message& message) {
  ++in_flight_;
  ++begun_;
  if (!is_measured(message.intended)) return;
  Counters& counters = measured_.counters;
  ++counters.messages.sent;
  counters.bytes.sent += message.size();
  if (!open_loop_) return;
  const std::chrono::nanoseconds lateness = message.begun - message.ready;
  measured_.send_lateness.record(lateness);
  interval_->lateness = std::max(interval_->lateness, lateness);
  if (message.ready <= message.intended) return;
  ++counters.messages.waited;
  measured_.longest_wait = std::max(measured_.longest_wait, message.ready - message.intended);
}

void Recorder::answered(const Message& message, SteadyTime now) {
  --in_flight_;
  if (!is_measured(message.intended)) return;
  ++measured_.counters.messages.echoed;
  measured_.counters.bytes.received += message.size();
  interval_->latency.record(now - message.intended);
  measured_.latency_without_echoc.record(message.done - message.intended);
  if (!open_loop_) return;
  measured_.service_time.record(now - message.begun);
  add_to_curve(now);
}

void Recorder::timed_out(const Message& message) {
  --in_flight_;
  if (is_measured(message.intended)) ++measured_.counters.messages.timed_out;
  error(message.intended);
}

void Recorder::lost(const Message& message) {
  --in_flight_;
  if (is_measured(message.intended)) ++measured_.counters.messages.lost;
  error(message.intended);
}

void Recorder::unanswered(const Message& message) {
  --in_flight_;
  if (is_measured(message.intended)) ++measured_.counters.messages.in_flight;
}

void Recorder::corrupt(const Message& message, const Corruption& corruption) {
  --in_flight_;
  unexpected(corruption, message.intended);
}

void Recorder::unexpected(const Corruption& corruption, SteadyTime now) {
  auto& messages = measured_.counters.messages;
  ++(is_warming_up(now) ? messages.corrupt_in_warmup : messages.corrupt);
  if (!is_warming_up(now)) error(now);
  if (measured_.corruptions.size() < kShownCorruptions) measured_.corruptions.push_back(corruption);
}

void Recorder::unsent(std::uint64_t count, SteadyTime due) {
  begun_ += count;
  if (!open_loop_) due = std::max(due, measured_from_);
  if (!is_measured(due) || count == 0) return;
  measured_.counters.messages.unsent += count;
  const std::uint64_t number = interval_of(due);
  if (number >= interval_->first) {
    interval_->unsent += count;
    interval_->errors += count;
    return;
  }
  auto& late = measured_.late_unsent;
  if (late.size() <= number) late.resize(number + 1);
  late[number] += count;
}

SteadyTime Recorder::counts_alike_until(SteadyTime due) const {
  if (!is_measured(due)) return measured_from_;
  const SteadyTime next =
      measured_from_ + static_cast<std::int64_t>(interval_of(due) + 1) * length_;
  return next < end_ ? next : kNever;
}

void Recorder::partly(const Message& message, std::uint64_t not_sent, std::uint64_t received) {
  if (!is_measured(message.intended)) return;
  measured_.counters.bytes.sent -= not_sent;
  measured_.counters.bytes.received += received;
}

void Recorder::connected(Made how, std::chrono::nanoseconds time, SteadyTime now) {
  ++open_;
  if (!is_measured(now)) return;
  measured_.connect.record(time);
  auto& connections = measured_.counters.connections;
  if (how == Made::again) ++connections.reconnected;
  if (how != Made::by_plan) return;
  ++connections.asked;
  ++connections.churned;
}

void Recorder::not_connected(Made how, SteadyTime now) {
  if (is_measured(now)) {
    ++measured_.counters.connections.failed;
    if (how == Made::by_plan) ++measured_.counters.connections.asked;
  }
  connection_error(now);
}

void Recorder::lost_connection(std::optional<Failure> failure, SteadyTime now) {
  if (is_warming_up(now)) return;
  if (failure) measured_.counters.count(*failure);
  ++measured_.counters.connections.lost;
  connection_error(now);
}

void Recorder::failed(Failure failure, SteadyTime now) {
  if (is_measured(now)) measured_.counters.count(failure);
}

void Recorder::kernel_told(const TcpSummary& tcp) {
  measured_.tcp.add(tcp);
  interval_->retransmissions += tcp.retransmissions;
}

void Recorder::publish_until(SteadyTime now) {
  if (now < next_interval_) return;
  const std::uint64_t number = interval_of(now);
  interval_->connections = open_;
  publish(number);
  plan_interval(number);
}

// Compares with the end of the part, because a division for each message would cost more.
void Recorder::add_to_curve(SteadyTime now) {
  if (now >= end_ || end_ == kNever) return;
  while (now >= part_.end && part_.index + 1 < kCurveParts) {
    part_.end += (end_ - measured_from_) / kCurveParts;
    ++part_.index;
  }
  ++measured_.answers[part_.index];
}

// The connections are closed before the last interval is published.
void Recorder::end_intervals() {
  next_interval_ = kNever;
  interval_->connections = open_;
}

bool Recorder::is_warming_up(SteadyTime now) const {
  return measured_from_ == SteadyTime::min() ? warms_up_ : now < measured_from_;
}

void Recorder::publish(std::uint64_t next) {
  const GeneratorInterval* const told = interval_.get();
  interval_ = queue_.publish(std::move(interval_));
  if (interval_.get() != told) interval_->first = next;
  interval_->last = next;
}

void Recorder::publish_last(SteadyTime end) {
  const std::uint64_t number = interval_of(end - std::chrono::nanoseconds(1));
  const std::uint64_t connections = interval_->connections;
  if (number > interval_->last) publish(number);
  interval_->connections = connections;
  interval_->is_final = true;
  interval_->end = std::max<std::chrono::nanoseconds>(end - measured_from_, {});
  queue_.publish(std::move(interval_));
}

std::uint64_t Recorder::interval_of(SteadyTime time) const {
  if (end_ != kNever) time = std::min(time, end_ - std::chrono::nanoseconds(1));
  return time < measured_from_ ? 0 : static_cast<std::uint64_t>((time - measured_from_) / length_);
}

void Recorder::error(SteadyTime when) {
  if (is_measured(when)) ++interval_->errors;
}

void Recorder::connection_error(SteadyTime when) {
  error(when);
  if (is_measured(when)) ++interval_->failed_connections;
}

void Recorder::plan_interval(std::uint64_t number) {
  next_interval_ = measured_from_ + static_cast<std::int64_t>(number + 1) * length_;
  if (next_interval_ >= end_) next_interval_ = kNever;
}

}  // namespace echo::load
