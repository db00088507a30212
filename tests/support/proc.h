#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "common/descriptor.h"

namespace echo::testing {

// What the kernel tells of a running process in proc(5).

std::size_t open_descriptors(pid_t process);
std::size_t threads(pid_t process);

// Threads whose names begin with "worker-".
std::size_t worker_threads(pid_t process);

// Whether its thread of that name sleeps in epoll_wait(2), and is not in the middle of anything.
bool waits_for_events(pid_t process, const std::string& thread);

// Whether its only thread waits in poll(2), as for the reader of a pipe that is full.
bool waits_to_write(pid_t process);

// Whether a signal was sent to it that it has not taken yet; false once it has ended.
bool has_pending_signals(pid_t process);

// Whether each of its threads whose names begin with "worker-" sleeps in a system call, and how
// often they have gone to sleep up to now: the same number later says that none has woken up.
std::optional<long> sleeps_of_workers(pid_t process);

// Whether every thread of it stands still after a SIGSTOP.
bool is_stopped(pid_t process);

// Lets every thread of it stand still for at least so long. For tests whose subject is that time.
void stop_for(std::chrono::nanoseconds time, pid_t process);

// Memory that is really there, in bytes.
std::size_t resident_memory(pid_t process);

// Watches, from now on, the threads that a process has now.
class ProcessorLoad {
 public:
  explicit ProcessorLoad(pid_t process);

  // How much the busiest of them has run, in percent of the time in which it did not wait for a
  // core: about 100 for a thread that spins and near 0 for one that sleeps, however busy the
  // machine is. Needs no new descriptor.
  double of_busiest_thread() const;

 private:
  struct Used {
    std::chrono::nanoseconds run;
    std::chrono::nanoseconds waited;
  };
  struct Watched {
    Descriptor schedstat;
    Used before;
  };
  static std::optional<Used> used(const Descriptor& schedstat);

  std::chrono::steady_clock::time_point begin_;
  std::vector<Watched> threads_;
};

}  // namespace echo::testing
