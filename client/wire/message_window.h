#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "client/wire/payload.h"
#include "common/poll.h"

namespace echo {

// A message on its way.
struct Message {
  std::uint64_t number = 0;
  std::uint64_t begin = 0;  // place of its first byte in the connection's stream
  std::uint64_t end = 0;    // place behind its last byte
  SteadyTime intended;      // when it was due
  // With a client that takes no time: when it would have left, and when it would have been
  // answered.
  SteadyTime ready;
  SteadyTime done;
  SteadyTime begun;  // when it left

  std::uint64_t size() const { return end - begin; }
};

// A received byte that should not be there.
struct WrongByte {
  std::uint64_t offset = 0;  // in the message; unless it is unexpected
  std::byte got{};
  std::byte wanted{};
  bool unexpected = false;  // more came back than was sent: there is no message that it belongs to
};

// The messages that are under way on one connection, and the check of what comes back. It knows
// nothing of sockets and clocks: its owner sends the bytes that it gives and hands it those that
// came. Nothing here allocates after construction. Thread rule: one thread.
class MessageWindow {
 public:
  // The payload must outlive it. At most `capacity` messages are under way at a time.
  MessageWindow(const Payload& payload, std::size_t capacity)
      : payload_(payload), messages_(capacity) {}

  // A new connection, which carries that stream of the payload. Nothing is under way.
  void open(std::uint64_t stream);

  bool empty() const { return count_ == 0; }
  bool full() const { return count_ == messages_.size(); }

  // Begins a message; the caller fills in its number and times. REQUIRES: not full(), size > 0.
  Message& begin(std::uint64_t size);

  // The slot that the next message will take, as its last message left it. REQUIRES: not full().
  const Message& next_slot() const { return messages_[wrap(head_ + count_)]; }

  // Bytes of messages that have begun and that are still to be sent.
  std::uint64_t unsent() const { return end_ - sent_; }
  // Fills the buffer with the next of them and returns what is to be sent.
  std::span<const std::byte> fill(std::span<std::byte> buffer) const;
  void sent(std::uint64_t bytes) { sent_ += bytes; }

  std::uint64_t bytes_sent() const { return sent_; }
  std::uint64_t bytes_received() const { return received_; }

  // Compares what came. If a byte is wrong, everything before it counts as received and the front
  // message, behind those that are answered, is the one that it belongs to.
  std::optional<WrongByte> receive(std::span<const std::byte> bytes);

  // The message that began before the `later` last ones. REQUIRES: so many are under way.
  Message& newest(std::size_t later) { return messages_[wrap(head_ + count_ - 1 - later)]; }

  // Messages that were not wholly sent before that place of the stream leave so much later; the
  // `newest` ones are left alone. Their clocks must not run while echoc holds them up.
  void delay(std::uint64_t place, std::size_t newest, std::chrono::nanoseconds time);

  // The oldest message. REQUIRES: not empty().
  Message& front() { return messages_[head_]; }
  const Message& front() const { return messages_[head_]; }
  bool is_front_answered() const { return count_ > 0 && front().end <= received_; }
  void pop() {
    head_ = wrap(head_ + 1);
    --count_;
  }

 private:
  std::size_t wrap(std::size_t i) const { return i < messages_.size() ? i : i - messages_.size(); }

  const Payload& payload_;
  std::vector<Message> messages_;
  std::size_t head_ = 0;
  std::size_t count_ = 0;
  std::uint64_t stream_ = 0;
  // Places in the stream.
  std::uint64_t end_ = 0;  // behind the last message
  std::uint64_t sent_ = 0;
  std::uint64_t received_ = 0;
};

}  // namespace echo
