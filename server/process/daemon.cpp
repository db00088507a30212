#include "server/process/daemon.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "common/exit_code.h"
#include "common/printable.h"

namespace echo {
namespace {

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

// The end of the pipe says whatever happened to the child; it has told the user why.
[[noreturn]] void wait_for(pid_t child, const Descriptor& pipe) {
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);  // who waits can end it
  char byte = 0;
  ssize_t got = 0;
  while ((got = ::read(pipe.get(), &byte, 1)) < 0 && errno == EINTR) {
  }
  if (got > 0) ::_exit(exit_ok);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status)) ::_exit(WEXITSTATUS(status));
  print_error(fmt::format("echod: ended by signal {} before it served", WTERMSIG(status)));
  ::_exit(exit_failed);
}

void close_now(Descriptor& descriptor) {
  const Descriptor closes = std::move(descriptor);
}

void put_on_nothing(int stream) {
  const Descriptor nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!nothing || ::dup2(nothing.get(), stream) < 0) fail("/dev/null");
}

}  // namespace

Daemon::Daemon(bool wanted) {
  if (!wanted) return;
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail("pipe");
  const Descriptor child_end(ends[0]);
  parent_ = Descriptor(ends[1]);
  const pid_t child = ::fork();
  if (child < 0) fail("cannot go to the background");
  if (child > 0) {
    close_now(parent_);  // or the end of the pipe would never come
    wait_for(child, child_end);
  }
  if (::setsid() < 0) fail("setsid");
  if (::chdir("/") != 0) fail("/");
}

void Daemon::started(bool keep_standard_error) {
  if (!parent_) return;
  put_on_nothing(STDIN_FILENO);
  put_on_nothing(STDOUT_FILENO);
  if (!keep_standard_error) put_on_nothing(STDERR_FILENO);
  const char byte = 0;
  if (::write(parent_.get(), &byte, 1) != 1) {
    throw std::runtime_error("who started it in the background waits no more");
  }
  close_now(parent_);
}

}  // namespace echo
