#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "client/load/recorder.h"
#include "client/load/watched.h"
#include "common/descriptor.h"
#include "common/epoll.h"
#include "common/poll.h"

namespace echo::load {

// Connections that have done their work and were replaced: they are half-closed and watched until
// the server closes too, because a byte that was never sent may still come. Each is watched for a
// second at most, and the oldest for less if there are too many. Thread rule: the generator's.
class TrailingWatch {
 public:
  // The epoll and the recorder must outlive it. At most `capacity` are watched at a time; 0: none.
  TrailingWatch(Epoll& epoll, Recorder& recorder, std::size_t capacity);

  // The socket is in the epoll. `connection` and `message` name what was sent last.
  void watch(Descriptor socket, std::uint64_t connection, std::uint64_t message, SteadyTime now);

  // Gives up those that were watched for long enough.
  void check(SteadyTime now);

  bool empty() const { return open_ == 0; }

 private:
  struct Entry final : Watched {
    void on_ready(std::uint32_t events) override;
    void close();

    TrailingWatch* owner = nullptr;
    Descriptor socket;
    std::uint64_t connection = 0;
    std::uint64_t message = 0;
    SteadyTime deadline;
  };

  std::size_t wrap(std::size_t i) const { return i < entries_.size() ? i : 0; }

  Epoll& epoll_;
  Recorder& recorder_;
  std::vector<Entry> entries_;  // a ring
  std::size_t next_ = 0;        // the place of the next one, or of the oldest if all are taken
  std::size_t oldest_ = 0;
  std::size_t open_ = 0;
};

}  // namespace echo::load
