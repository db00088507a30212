#include "client/load/pacer.h"

#include <algorithm>

namespace echo::load {

Pacer::Pacer(const Schedule& schedule, const Timeline& timeline, std::uint64_t first,
             std::size_t count, std::uint64_t messages)
    : schedule_(schedule),
      timeline_(timeline),
      first_(first),
      messages_(messages),
      first_messages_(count, 0) {
  if (schedule_.open_loop()) {
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint64_t joined = schedule_.first_number(schedule_.joins(first_ + i));
      first_messages_[i] = schedule_.first_message(first_ + i, joined);
    }
    if (messages_ != 0) {
      end_number_ = schedule_.first_number(timeline_.measured_from) + messages_;
    }
    if (count != 0) round_ = std::ranges::min(first_messages_);
  }
  find_next();
}

std::uint64_t Pacer::quota(std::size_t connection) const {
  if (messages_ == 0) return kNoLimit;
  const std::uint64_t index = first_ + connection;
  if (!schedule_.open_loop()) return share(messages_, index, schedule_.connections());
  const std::uint64_t end = schedule_.first_message(index, end_number_);
  return end - std::min(end, first_messages_[connection]);
}

std::size_t Pacer::release() {
  const std::size_t connection = connection_++;
  ++released_;
  find_next();
  return connection;
}

std::uint64_t Pacer::owed(std::size_t connection, SteadyTime now) const {
  const SteadyTime until = std::min(now + std::chrono::nanoseconds(1), timeline_.end);
  const std::uint64_t end_number = std::min(schedule_.first_number(until), end_number_);
  const std::uint64_t end = schedule_.first_message(first_ + connection, end_number);
  const std::uint64_t next = connection < connection_ ? round_ + 1 : round_;
  return end - std::min(end, std::max(next, first_messages_[connection]));
}

void Pacer::find_next() {
  next_ = kNever;
  if (!schedule_.open_loop()) {
    if (connection_ == first_messages_.size()) return;
    const SteadyTime joins = schedule_.joins(first_ + connection_);
    if (joins < timeline_.end) next_ = joins;
    return;
  }
  if (first_messages_.empty()) return;
  while (true) {
    if (connection_ == first_messages_.size()) {
      connection_ = 0;
      ++round_;
    }
    if (round_ >= first_messages_[connection_]) break;
    ++connection_;
  }
  const std::uint64_t number = first_ + connection_ + round_ * schedule_.connections();
  const SteadyTime due = schedule_.due(number);
  if (number < end_number_ && due < timeline_.end) next_ = due;
}

}  // namespace echo::load
