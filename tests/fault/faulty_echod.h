#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "tests/support/socket.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/text.h"
#include "tests/system/echod.h"

namespace echo::testing {

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

// An echod on a port of 127.0.0.1 to which faults are done. It remembers what it was like before.
class FaultyEchod {
 public:
  // `faults` are settings of the preloaded library, "FAULTY_EINTR=3"; without any it is left out.
  explicit FaultyEchod(const std::vector<std::string>& options,
                       const std::vector<std::string>& faults = {}, const EchodSetup& setup = {});
  // Stops it, if the case has not: the exit status tells of what a sanitizer has found.
  ~FaultyEchod();

  Echod& operator*() { return echod_; }
  Echod* operator->() { return &echod_; }
  Socket connect() const { return Socket::connect(echod_.address()); }

  // The faults that can be switched begin switched off.
  void turn_on();
  void turn_off();

  // The file of FAULTY_NTH.
  std::string nth_file() const { return folder_.file("nth"); }

  // Checks that nothing is left of the faults: it runs, echoes 64 KiB to a fresh client, and its
  // descriptors and threads are as many as before.
  void check_healthy();

 private:
  EchodSetup with_faults(EchodSetup setup, const std::vector<std::string>& faults) const;
  void check_echo() const;

  TemporaryFolder folder_;
  Echod echod_;
  std::size_t descriptors_ = 0;
  std::size_t threads_ = 0;
};

// The environment variable that preloads the library of faults, by a link in the folder.
std::string preload_from(const TemporaryFolder& folder);

// Bytes of which no two stretches look alike for long.
std::string pattern(std::size_t size);

// "3" behind "accepted=" in the line of all counters.
long number_after(const std::string& text, const std::string& name);

// Sends all of it from another thread, half-closes, and returns what comes back until the end.
std::string echo_of(Socket& client, const std::string& text);

// How much the busiest thread of the process runs during the window, in percent; see ProcessorLoad.
double processor_load(pid_t process, std::chrono::milliseconds window);

}  // namespace echo::testing
