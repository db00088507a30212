#include "server/process/daemon.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <initializer_list>
#include <optional>
#include <set>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "common/console.h"
#include "common/exit_code.h"
#include "common/signals.h"

namespace echo {
namespace {

constexpr const char* kGone = "the process that started it in the background has ended";

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

// The end of the pipe says whatever happened to the child; it has told the user why.
[[noreturn]] void end_like(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status)) ::_exit(WEXITSTATUS(status));
  print_error(fmt::format("echod: ended by signal {} before it served", WTERMSIG(status)));
  ::_exit(exit_failed);
}

// A held signal is there even if the caller had it ignored, as nohup(1) does.
bool is_ignored(int signal) {
  struct sigaction action {};
  return ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

[[noreturn]] void end_by(int signal) {
  sigset_t none;
  sigemptyset(&none);
  ::signal(signal, SIG_DFL);
  ::raise(signal);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::_exit(exit_failed);
}

// The signals are held since before the fork. One that comes first ends both processes, even if the
// child has just started; one that comes after the child's byte was read changes nothing any more.
// So the caller knows from the status whether there is a daemon.
[[noreturn]] void wait_for(pid_t child, const Descriptor& pipe, Signals& signals) {
  std::array<pollfd, 2> entries{{{signals.descriptor(), POLLIN, 0}, {pipe.get(), POLLIN, 0}}};
  for (;;) {
    ::poll(entries.data(), entries.size(), -1);
    const auto signal = signals.take();
    if (signal && is_ignored(*signal)) continue;
    if (signal) {
      ::kill(child, SIGTERM);
      end_by(*signal);
    }
    if (entries[1].revents == 0) continue;
    char byte = 0;
    if (::read(pipe.get(), &byte, 1) == 1) ::_exit(exit_ok);
    end_like(child);
  }
}

void put_on_nothing(int stream) {
  const Descriptor nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!nothing || ::dup2(nothing.get(), stream) < 0) fail("/dev/null");
}

void close_others(std::span<const Descriptor> kept, int also_kept) {
  std::set<unsigned> numbers{static_cast<unsigned>(also_kept)};
  for (const Descriptor& descriptor : kept) numbers.insert(static_cast<unsigned>(descriptor.get()));
  unsigned first = STDERR_FILENO + 1;
  for (const unsigned number : numbers) {
    if (number > first) ::close_range(first, number - 1, 0);
    first = number + 1;
  }
  ::close_range(first, ~0U, 0);
}

}  // namespace

Daemon::Daemon(bool wanted, std::span<const Descriptor> kept) {
  if (!wanted) return;
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail("pipe");
  const Descriptor child_end(ends[0]);
  parent_ = Descriptor(ends[1]);
  const pid_t parent = ::getpid();
  sigset_t before;
  ::sigprocmask(SIG_SETMASK, nullptr, &before);
  std::optional<Signals> signals(std::in_place,
                                 std::initializer_list<int>{SIGHUP, SIGINT, SIGQUIT, SIGTERM});
  const pid_t child = ::fork();
  if (child < 0) fail("cannot go to the background");
  if (child > 0) {
    parent_.reset();  // or the end of the pipe would never come
    wait_for(child, child_end, *signals);
  }
  signals.reset();
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  // A signal that ends the waiting parent ends the start too.
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  close_others(kept, parent_.get());
  if (::getppid() != parent) throw std::runtime_error(kGone);
  if (::setsid() < 0) fail("setsid");
  if (::chdir("/") != 0) fail("/");
}

void Daemon::started(bool keep_standard_error) {
  if (!parent_) return;
  put_on_nothing(STDIN_FILENO);
  put_on_nothing(STDOUT_FILENO);
  if (!keep_standard_error) put_on_nothing(STDERR_FILENO);
  ::prctl(PR_SET_PDEATHSIG, 0);
  const char byte = 0;
  if (::write(parent_.get(), &byte, 1) != 1) {
    throw std::runtime_error(kGone);
  }
  parent_.reset();
}

}  // namespace echo
