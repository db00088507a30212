#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "client/load/recorder.h"
#include "client/load/schedule.h"
#include "client/results/plan.h"
#include "client/wire/payload.h"
#include "common/descriptor.h"
#include "common/epoll.h"

namespace echo::load {

// What the connections of one generator share.
struct Context {
  const LoadOptions& options;
  const Payload& payload;
  const std::vector<Endpoint>& endpoints;
  Epoll epoll{};
  Recorder recorder{options.open_loop()};
  Schedule schedule{};
  std::vector<std::byte> buffer =
      std::vector<std::byte>(256 * 1024);  // for any one send or receive
  enum class Stage { connecting, running, ending };
  Stage stage = Stage::connecting;  // connections that are lost are made again only while it runs
  bool sending = false;             // new messages may begin
  std::uint64_t waiting = 0;        // messages that may begin and have not
  std::uint64_t finishing = 0;      // connections whose end is awaited
};

// One connection of a load: connects, sends what is due, compares every byte that comes back, and
// connects again after a loss or, with --messages-per-connection, as a rule.
// Thread rule: its generator's thread. Peer behaviour is counted, never thrown.
class Connection {
 public:
  enum class State { down, connecting, up, finishing, over };
  // More messages than a connection can send, few enough to be added up over all of them.
  static constexpr std::uint64_t kNoLimit = 10'000'000'000'000;

  Connection(Context& context, const Endpoint* source) : context_(context), source_(source) {}

  State state() const { return state_; }
  void connect();

  // Its place among all connections of the run and the numbers of its messages: [first, limit).
  void assign(std::uint64_t index, std::uint64_t first, std::uint64_t limit);
  std::uint64_t first() const { return first_; }
  std::uint64_t limit() const { return limit_; }

  // So many more messages may be sent from now on.
  void make_due(std::uint64_t count, SteadyTime now);

  void on_ready(std::uint32_t events);
  void check_deadlines(SteadyTime now);

  // Half-closes, to see that nothing comes behind the last answer.
  void finish();
  // Gives up whatever is still under way.
  void abandon();

 private:
  // A queue of fixed capacity: messages begin and end without allocating.
  class Ring {
   public:
    explicit Ring(std::size_t capacity) : items_(capacity) {}
    bool empty() const { return size_ == 0; }
    bool full() const { return size_ == items_.size(); }
    Message& front() { return items_[head_]; }
    void push(const Message& message) {
      items_[wrap(head_ + size_)] = message;
      ++size_;
    }
    void pop() {
      head_ = wrap(head_ + 1);
      --size_;
    }

   private:
    std::size_t wrap(std::size_t i) const { return i < items_.size() ? i : i - items_.size(); }
    std::vector<Message> items_;
    std::size_t head_ = 0;
    std::size_t size_ = 0;
  };

  void try_endpoint();
  void connected(SteadyTime now);
  void connect_failed(int error);
  void give_up();

  void pump(SteadyTime now);
  bool may_begin() const;
  bool is_done() const;
  void start_anew();
  void begin(SteadyTime now);
  void write();
  void want_to_write(bool wanted);
  void read();
  void accept_bytes(std::span<const std::byte> bytes, SteadyTime now);
  void complete_until(std::uint64_t position, SteadyTime now);
  void wrong_byte(std::uint64_t position, std::byte got);
  void unasked_byte(std::byte got);
  void drop(std::optional<Failure> failure);
  void close();
  void read_at_the_end();
  std::uint64_t stream() const { return (generation_ << 32) | index_; }

  Context& context_;
  const Endpoint* const source_;  // null: the kernel chooses
  State state_ = State::down;
  Descriptor socket_;
  std::size_t endpoint_ = 0;  // which one is tried
  std::string tried_;         // those that failed, until the first connection stands
  SteadyTime attempt_began_;
  SteadyTime ended_at_;  // when the last connection ended
  SteadyTime retry_at_;
  bool was_lost_ = false;

  std::uint64_t index_ = 0;
  std::uint64_t generation_ = 0;  // how often it was connected: each time has a stream of its own
  std::uint64_t first_ = 0;
  std::uint64_t next_ = 0;  // number of the next message to begin
  std::uint64_t due_ = 0;   // behind the last message that may begin
  std::uint64_t limit_ = kNoLimit;

  // Of the present connection; positions in its stream.
  std::uint64_t written_ = 0;
  std::uint64_t received_ = 0;
  std::uint64_t end_ = 0;    // behind the last message that has begun
  std::uint64_t begun_ = 0;  // messages
  SteadyTime free_since_;    // when it could take another message again after it could not
  bool writing_ = false;     // waits until the socket takes more
  bool send_failed_ = false;
  Ring in_flight_{context_.options.pipeline};
};

}  // namespace echo::load
