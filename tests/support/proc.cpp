#include "tests/support/proc.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "tests/support/eventually.h"

namespace echo::testing {
namespace {

std::string folder_of(pid_t process) {
  return "/proc/" + std::to_string(process);
}

std::size_t entries(const std::string& folder) {
  const std::filesystem::directory_iterator begin(folder);
  return static_cast<std::size_t>(std::distance(begin, {}));
}

std::string line_of(const std::string& file, const std::string& start) {
  std::ifstream input(file);
  for (std::string line; std::getline(input, line);) {
    if (line.starts_with(start)) return line.substr(start.size());
  }
  throw std::runtime_error("no line '" + start + "' in " + file);
}

}  // namespace

std::size_t open_descriptors(pid_t process) {
  return entries(folder_of(process) + "/fd");
}

std::size_t threads(pid_t process) {
  return entries(folder_of(process) + "/task");
}

std::size_t worker_threads(pid_t process) {
  std::size_t count = 0;
  std::error_code gone;  // threads end while one looks
  for (const auto& task : std::filesystem::directory_iterator(folder_of(process) + "/task", gone)) {
    std::string name;
    std::ifstream(task.path() / "comm") >> name;
    count += name.starts_with("worker-") ? 1 : 0;
  }
  return count;
}

std::optional<long> sleeps_of_workers(pid_t process) {
  std::optional<long> sleeps;
  for (const auto& task : std::filesystem::directory_iterator(folder_of(process) + "/task")) {
    std::string name;
    std::ifstream(task.path() / "comm") >> name;
    if (!name.starts_with("worker-")) continue;
    std::string call;  // "running", also of one that waits for a core, or -1: proc(5)
    std::ifstream(task.path() / "syscall") >> call;
    if (call.empty() || call == "running" || call == "-1") return {};
    std::ifstream status(task.path() / "status");
    std::string word;
    while (status >> word && word != "voluntary_ctxt_switches:") continue;
    long count = 0;
    if (!(status >> count)) return {};  // it has ended
    sleeps = sleeps.value_or(0) + count;
  }
  return sleeps;
}

bool waits_for_events(pid_t process, const std::string& thread) {
  for (const auto& task : std::filesystem::directory_iterator(folder_of(process) + "/task")) {
    std::string name;
    std::ifstream(task.path() / "comm") >> name;
    if (name != thread) continue;
    std::string call;  // "running", or the number of the one it sleeps in: proc(5)
    std::ifstream(task.path() / "syscall") >> call;
#ifdef SYS_epoll_wait
    if (call == std::to_string(SYS_epoll_wait)) return true;
#endif
    return call == std::to_string(SYS_epoll_pwait);
  }
  return false;
}

bool waits_to_write(pid_t process) {
  std::string call;
  std::ifstream(folder_of(process) + "/syscall") >> call;
  return call == std::to_string(SYS_ppoll);
}

bool has_pending_signals(pid_t process) {
  return line_of(folder_of(process) + "/status", "ShdPnd:").find_first_of("123456789abcdef") !=
         std::string::npos;
}

bool is_stopped(pid_t process) {
  for (const auto& task : std::filesystem::directory_iterator(folder_of(process) + "/task")) {
    std::string state;
    std::ifstream status(task.path() / "status");  // of a thread that may end while one looks
    for (std::string word; state.empty() && status >> word;) {
      if (word == "State:") status >> state;
    }
    if (state != "T") return false;
  }
  return true;
}

void stop_for(std::chrono::nanoseconds time, pid_t process) {
  ::kill(process, SIGSTOP);
  // On a busy machine a thread that is about to run stops late.
  CHECK(eventually([&] { return is_stopped(process); }));
  std::this_thread::sleep_for(time);
  ::kill(process, SIGCONT);
}

std::size_t resident_memory(pid_t process) {
  return std::stoul(line_of(folder_of(process) + "/status", "VmRSS:")) * 1024;
}

ProcessorLoad::ProcessorLoad(pid_t process) : begin_(std::chrono::steady_clock::now()) {
  std::error_code gone;  // threads end while one looks
  for (const auto& task : std::filesystem::directory_iterator(folder_of(process) + "/task", gone)) {
    Descriptor file(::open((task.path() / "schedstat").c_str(), O_RDONLY | O_CLOEXEC));
    if (const auto before = used(file)) threads_.push_back({std::move(file), *before});
  }
  if (threads_.empty()) throw std::runtime_error("the kernel does not tell how threads run");
}

// "run waited slices", in ns; nothing of a thread that has ended.
std::optional<ProcessorLoad::Used> ProcessorLoad::used(const Descriptor& schedstat) {
  std::array<char, 100> text{};
  if (::pread(schedstat.get(), text.data(), text.size() - 1, 0) <= 0) return {};
  std::istringstream fields(text.data());
  std::int64_t run = 0;
  std::int64_t waited = 0;
  fields >> run >> waited;
  return Used{std::chrono::nanoseconds(run), std::chrono::nanoseconds(waited)};
}

double ProcessorLoad::of_busiest_thread() const {
  double most = 0;
  for (const Watched& thread : threads_) {
    const auto now = used(thread.schedstat);
    if (!now) continue;
    const std::chrono::duration<double> run = now->run - thread.before.run;
    const auto waited = now->waited - thread.before.waited;
    most = std::max(most, 100 * (run / (std::chrono::steady_clock::now() - begin_ - waited)));
  }
  return most;
}

}  // namespace echo::testing
