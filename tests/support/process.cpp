#include "tests/support/process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "tests/support/deadline.h"
#include "tests/support/descriptor_limit.h"

namespace echo::testing {
namespace {

[[noreturn]] void fail_with_errno(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

struct PipeEnds {
  Descriptor read;
  Descriptor write;
};

PipeEnds make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail_with_errno("pipe2");
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

Descriptor open_file(const std::string& path, int flags) {
  Descriptor file(::open(path.c_str(), flags | O_CLOEXEC, 0600));
  if (!file) fail_with_errno(path.c_str());
  return file;
}

int milliseconds_to(std::chrono::steady_clock::time_point deadline) {
  const auto left = deadline - std::chrono::steady_clock::now();
  return static_cast<int>(
      std::max<std::int64_t>(std::chrono::ceil<std::chrono::milliseconds>(left).count(), 0));
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (const std::string& text : texts) result.push_back(const_cast<char*>(text.c_str()));
  result.push_back(nullptr);
  return result;
}

// Runs in the child of a process that may have threads: only what signal-safety(7) allows.
[[noreturn]] void become(char* const* arguments, char* const* environment, int in, int out,
                         int err) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::setrlimit(RLIMIT_NOFILE, &inherited_descriptor_limit());
  std::signal(SIGPIPE, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::dup2(in, STDIN_FILENO);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(err, STDERR_FILENO);
  ::execvpe(arguments[0], arguments, environment);
  ::_exit(127);
}

}  // namespace

Process::Process(std::vector<std::string> command, const Settings& settings)
    : name_(command.front()) {
  start(command, settings);
}

Process::~Process() {
  if (status_) return;
  ::kill(id_, SIGKILL);
  reap();
}

void Process::start(const std::vector<std::string>& command, const Settings& settings) {
  PipeEnds in = make_pipe();
  PipeEnds out = make_pipe();
  PipeEnds err = make_pipe();
  if (!settings.input_file.empty()) in = {open_file(settings.input_file, O_RDONLY), {}};
  if (!settings.output_file.empty()) {
    out = {{}, open_file(settings.output_file, O_WRONLY | O_CREAT | O_TRUNC)};
  }
  std::vector<std::string> environment = settings.environment;
  for (char** entry = environ; *entry != nullptr; ++entry) environment.emplace_back(*entry);
  const auto argument_pointers = pointers(command);
  const auto environment_pointers = pointers(environment);

  id_ = ::fork();
  if (id_ < 0) fail_with_errno("fork");
  if (id_ == 0) {
    become(argument_pointers.data(), environment_pointers.data(), in.read.get(), out.write.get(),
           err.write.get());
  }
  end_ = Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, id_, 0)));
  if (!end_) fail_with_errno("pidfd_open");
  for (const int fd : {in.write.get(), out.read.get(), err.read.get()}) {
    if (fd >= 0) ::fcntl(fd, F_SETFL, O_NONBLOCK);
  }
  input_ = std::move(in.write);
  output_.pipe = std::move(out.read);
  errors_.pipe = std::move(err.read);
}

void Process::read_from(Stream& stream) {
  std::array<char, 65536> buffer{};
  while (stream.pipe) {
    const ssize_t count = ::read(stream.pipe.get(), buffer.data(), buffer.size());
    if (count > 0) {
      stream.text.append(buffer.data(), static_cast<std::size_t>(count));
    } else if (count < 0 && errno == EAGAIN) {
      return;
    } else if (count == 0 || errno != EINTR) {
      stream.pipe = Descriptor();
    }
  }
}

void Process::collect(Deadline deadline, Until until) {
  std::array<pollfd, 4> entries{{{output_.pipe.get(), POLLIN, 0},
                                 {errors_.pipe.get(), POLLIN, 0},
                                 {until == Until::input_has_room ? input_.get() : -1, POLLOUT, 0},
                                 {until == Until::ended ? end_.get() : -1, POLLIN, 0}}};
  const int ready = ::poll(entries.data(), entries.size(), milliseconds_to(deadline));
  if (ready == 0) fail("took too long");
  read_from(output_);
  read_from(errors_);
  if (ready > 0 && entries[3].revents != 0) reap();
}

void Process::reap() {
  int status = 0;
  while (::waitpid(id_, &status, 0) < 0 && errno == EINTR) {
  }
  status_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

void Process::write(std::string_view bytes) {
  const Deadline deadline = hang_deadline();
  while (!bytes.empty()) {
    const ssize_t count = ::write(input_.get(), bytes.data(), bytes.size());
    if (count >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno == EAGAIN) {
      collect(deadline, Until::input_has_room);
    } else {
      fail("does not take its input");
    }
  }
}

void Process::close_input() {
  input_ = Descriptor();
}

void Process::close_output() {
  output_.pipe = Descriptor();
}

std::string Process::wait_for_line(Stream& stream, std::string_view text, int lines) {
  const Deadline deadline = hang_deadline();
  while (true) {
    int found = 0;
    for (std::size_t begin = 0, end = 0; (end = stream.text.find('\n', begin)) != std::string::npos;
         begin = end + 1) {
      const auto line = std::string_view(stream.text).substr(begin, end - begin);
      if (line.find(text) != line.npos && ++found == lines) return std::string(line);
    }
    if (!stream.pipe) fail("ended without a line that has '" + std::string(text) + "'");
    collect(deadline, Until::printed);
  }
}

std::string Process::wait_for_output(std::string_view text) {
  return wait_for_line(output_, text, 1);
}

std::string Process::wait_for_error(std::string_view text, int lines) {
  return wait_for_line(errors_, text, lines);
}

void Process::wait_for_output_size(std::size_t size) {
  const Deadline deadline = hang_deadline();
  while (output_.text.size() < size) {
    if (!output_.pipe) fail("ended before it had printed enough");
    collect(deadline, Until::printed);
  }
}

void Process::signal(int number) {
  if (!status_) ::kill(id_, number);
}

int Process::wait() {
  const Deadline deadline = hang_deadline();
  while (!status_) collect(deadline, Until::ended);
  read_from(output_);
  read_from(errors_);
  return *status_;
}

bool Process::running() {
  pollfd entry{end_.get(), POLLIN, 0};
  if (!status_ && ::poll(&entry, 1, 0) > 0) reap();
  return !status_;
}

void Process::fail(const std::string& what) const {
  throw std::runtime_error(name_ + " " + what + "\n--- output\n" + output_.text + "\n--- errors\n" +
                           errors_.text);
}

Finished run_program(std::vector<std::string> command, std::string_view input) {
  Process process(std::move(command));
  process.write(input);
  process.close_input();
  const int status = process.wait();
  return {status, process.output(), process.errors()};
}

}  // namespace echo::testing
