#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "client/load/parts.h"
#include "client/load/tcp_watch.h"
#include "client/load/watched.h"
#include "client/wire/message_window.h"
#include "common/descriptor.h"

namespace echo::load {

// The messages on one connected socket: sends them, and receives their answers.
// Thread rule: its generator's thread. Peer behaviour is a value.
class MessageStream {
 public:
  // `owner` is told when the socket is ready; the parts must outlive this.
  MessageStream(Parts& parts, Watched& owner);

  // A socket that has just been connected; `watched` if it is in the epoll already. `free_since`:
  // when it could have taken messages, with a client that takes no time.
  void open(Descriptor socket, bool watched, std::uint64_t stream, SteadyTime free_since);
  // Sends another stream. REQUIRES: that nothing was sent yet.
  void set_stream(std::uint64_t stream) { window_.open(stream); }
  // Gives up the messages under way and returns the socket.
  Descriptor close(bool interrupted);

  // Asks the kernel about the connection.
  void look(SteadyTime now, TcpWatch::Look how) {
    watch_.look(socket_.get(), parts_.recorder, now, how);
  }
  // Half-closes.
  void finish();

  int socket() const { return socket_.get(); }

  // Whether another message can begin.
  bool has_room() const { return !window_.full() && window_.unsent() < parts_.buffer.size(); }
  bool is_empty() const { return window_.empty(); }
  std::uint64_t begun() const { return begun_; }  // messages
  bool was_of_use() const { return window_.bytes_received() > 0; }

  // REQUIRES: has_room(). It leaves with the next send().
  void begin(std::uint64_t number, std::uint64_t size, SteadyTime intended, SteadyTime now);
  // Sends what has begun, or as much of it as the socket takes. False if there was nothing to send,
  // else sent() must follow.
  bool send(SteadyTime now);
  // The send() of `asked` was over at `now`: what echoc held up in between left only then.
  void sent(SteadyTime asked, SteadyTime now);
  // Waits until the socket takes more.
  bool is_writing() const { return sending_.waits; }

  // Receives once, and counts the messages that are answered with it.
  enum class Received { nothing, answers, end, wrong_byte };
  Received receive();
  SteadyTime received_at() const { return received_at_; }
  // When the last answer would have come, with a client that takes no time.
  SteadyTime answered_at() const { return answered_at_; }
  // After an end: why. After a wrong byte: what, and in which message of which connection.
  Failure failure() const { return failure_; }
  const WrongByte& wrong_byte() const { return wrong_; }
  // The message that the wrong byte is in, or that has timed out, which is then no longer under
  // way.
  Message take_front();

  // When the oldest message has had its time; kNever if there is none.
  SteadyTime deadline() const;

 private:
  void take_answers();
  void want_to_write(bool wanted);

  Parts& parts_;
  Watched& owner_;
  Descriptor socket_;
  TcpWatch watch_;
  MessageWindow window_;
  std::uint64_t begun_ = 0;
  struct {
    std::size_t fresh = 0;  // messages that have begun since the last send
    bool waits = false;     // for room in the socket
    bool has_failed = false;
    bool resumes = false;     // the last send took more of what there had been no room for
    std::uint64_t place = 0;  // from where on
    SteadyTime tried;         // when the one before it was over
  } sending_;
  SteadyTime free_since_;  // when it could take messages again after it could not
  SteadyTime received_at_;
  SteadyTime answered_at_;
  Failure failure_ = Failure::other;
  WrongByte wrong_;
};

}  // namespace echo::load
