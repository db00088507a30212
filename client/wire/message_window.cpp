#include "client/wire/message_window.h"

#include <algorithm>

namespace echo {

void MessageWindow::open(std::uint64_t stream) {
  stream_ = stream;
  head_ = count_ = 0;
  end_ = sent_ = received_ = 0;
}

Message& MessageWindow::begin(std::uint64_t size) {
  Message& message = messages_[wrap(head_ + count_)];
  ++count_;
  message.begin = end_;
  message.end = end_ += size;
  return message;
}

std::span<const std::byte> MessageWindow::fill(std::span<std::byte> buffer) const {
  const auto bytes = buffer.first(std::min<std::uint64_t>(buffer.size(), unsent()));
  payload_.fill(stream_, sent_, bytes);
  return bytes;
}

void MessageWindow::delay(std::uint64_t place, std::size_t newest, std::chrono::nanoseconds time) {
  for (std::size_t i = 0; i + newest < count_; ++i) {
    Message& message = messages_[wrap(head_ + i)];
    if (message.end > place) message.begun += time;
  }
}

std::optional<WrongByte> MessageWindow::receive(std::span<const std::byte> bytes) {
  const std::size_t asked = std::min<std::uint64_t>(bytes.size(), sent_ - received_);
  const auto wrong = payload_.first_difference(stream_, received_, bytes.first(asked));
  received_ += wrong.value_or(asked);
  if (wrong) {
    // The message that the byte belongs to: those before it are answered and still in the window.
    std::size_t at = head_;
    while (messages_[at].end <= received_) at = wrap(at + 1);
    return WrongByte{received_ - messages_[at].begin, bytes[*wrong],
                     payload_.at(stream_, received_), false};
  }
  if (asked < bytes.size()) return WrongByte{0, bytes[asked], {}, true};
  return std::nullopt;
}

}  // namespace echo
