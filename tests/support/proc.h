#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>

namespace echo::testing {

// What the kernel tells of a running process in proc(5).

std::size_t open_descriptors(pid_t process);
std::size_t threads(pid_t process);

// Threads whose names begin with "worker-".
std::size_t worker_threads(pid_t process);

// Memory that is really there, in bytes.
std::size_t resident_memory(pid_t process);

// Processor time of all its threads so far, in units of 10 ms.
std::chrono::milliseconds processor_time(pid_t process);

}  // namespace echo::testing
