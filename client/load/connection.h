#pragma once

#include <cstdint>
#include <optional>

#include "client/load/message_stream.h"
#include "client/load/parts.h"
#include "client/load/recorder.h"
#include "client/load/watched.h"
#include "client/wire/dialer.h"

namespace echo::load {

// One connection of a load: the state machine around dialer and messages. It connects, lets leave
// what is due, and connects again after a loss or, with --messages-per-connection, as a rule.
// Thread rule: its generator's thread. Peer behaviour is counted, never thrown.
class Connection final : public Watched {
 public:
  enum class State { dialing, up, finishing, over };

  // A source of null: the kernel chooses.
  Connection(Parts& parts, const Endpoint* source);

  State state() const { return state_; }

  void connect(SteadyTime now);
  // From now on it is made again if it is lost.
  void keep_up() { mode_ = Mode::running; }
  // Its place among all connections of the run, the number of its first message, and how many
  // messages it is to send.
  void assign(std::uint64_t index, std::uint64_t first, std::uint64_t quota);

  // That many more messages may be sent from now on. Returns when they were, or else `now`.
  SteadyTime release(std::uint64_t count, SteadyTime now);
  // The same without sending: they will be unsent.
  void owe(std::uint64_t count) { numbers_.due += count; }

  void on_ready(std::uint32_t events) override;

  // The next moment at which it must be looked at; kNever if there is none.
  SteadyTime deadline() const;
  // Looks at it: a message has timed out if its answer had not come before `told_until`, and so has
  // a server that is asked for a connection.
  void check(SteadyTime now, SteadyTime told_until);

  // Asks the kernel about it, if it is up.
  void look(SteadyTime now, TcpWatch::Look how) {
    if (state_ == State::up) messages_.look(now, how);
  }

  // Begins no more messages; what was due and has not left is unsent. A quota is owed, unless the
  // run was interrupted.
  void stop_sending(bool interrupted, SteadyTime now);
  // Half-closes, to see that nothing comes behind the last answer.
  void finish();
  // Closes whatever is still under way.
  void abandon();

  // It stood, and not one of its messages was ever answered.
  bool was_silent() const;

 private:
  enum class Mode { starting, running, ending };

  void follow(Dialer::State state, SteadyTime now);
  void connected(SteadyTime now);
  void dial_failed(SteadyTime now);
  void retry(SteadyTime now);
  void give_up(SteadyTime now);

  SteadyTime pump(SteadyTime now);
  bool may_begin() const;
  void begin(SteadyTime now);
  void receive();
  bool is_done() const {
    return messages_.is_empty() && (numbers_.quota == 0 || mode_ == Mode::ending);
  }
  void replace(SteadyTime now);
  void leave_unsent();
  void count_wrong_byte(SteadyTime now);
  void look_behind_the_end();
  void drop(std::optional<Failure> failure, SteadyTime now);
  void close(bool interrupted);
  std::uint64_t stream() const { return (times_connected_ << 32) | numbers_.index; }

  // Of its messages, over all times that it is connected.
  struct Numbers {
    std::uint64_t index = 0;  // its own, among all connections of the run
    std::uint64_t next = 0;   // of the next message to begin
    std::uint64_t due = 0;    // behind the last message that may begin
    std::uint64_t quota = 1;  // how many more it is to send, as the pacer says
  };
  Parts& parts_;
  Dialer dialer_;
  Recorder::Made why_ = Recorder::Made::first;  // it is being made
  State state_ = State::dialing;
  Mode mode_ = Mode::starting;
  MessageStream messages_;
  Numbers numbers_;
  std::uint64_t times_connected_ = 0;  // each time has a stream of its own
  SteadyTime up_since_{};
  std::optional<SteadyTime> useless_since_;  // it was lost then, or could not be made
  bool was_answered_ = false;
};

}  // namespace echo::load
