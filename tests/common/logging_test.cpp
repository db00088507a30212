#include "common/logging.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <pty.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <initializer_list>
#include <latch>
#include <memory>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/descriptor.h"
#include "common/thread.h"
#include "tests/common/pipe.h"

namespace echo {
namespace {

using testing::Pipe;

using Lines = std::vector<std::string>;

// Standard error goes to another descriptor for as long as it lives.
class StderrTo {
 public:
  explicit StderrTo(int fd) : before_(::dup(STDERR_FILENO)) { ::dup2(fd, STDERR_FILENO); }
  StderrTo(const StderrTo&) = delete;
  StderrTo& operator=(const StderrTo&) = delete;
  ~StderrTo() { ::dup2(before_.get(), STDERR_FILENO); }

 private:
  Descriptor before_;
};

// What `log` writes to standard error under these settings, all of it.
template <typename Log>
Lines lines_of(const LogSettings& settings, Log log) {
  const Descriptor file(::memfd_create("stderr", MFD_CLOEXEC));
  {
    const StderrTo redirected(file.get());
    const Logging logging(settings);
    log();
  }
  std::string text(static_cast<std::size_t>(::lseek(file.get(), 0, SEEK_END)), '\0');
  REQUIRE(::pread(file.get(), text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()));
  Lines lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::string text_of(std::string_view text, std::initializer_list<LogField> fields) {
  const Lines lines = lines_of({}, [&] { log_event(Level::info, "event", text, fields); });
  REQUIRE(lines.size() == 1);
  return lines.front().substr(lines.front().find("] ") + 2);
}

nlohmann::json json_of(std::string_view text, std::initializer_list<LogField> fields) {
  const Lines lines = lines_of({.level = Level::info, .format = LogFormat::json},
                               [&] { log_event(Level::info, "event", text, fields); });
  REQUIRE(lines.size() == 1);
  return nlohmann::json::parse(lines.front());
}

const std::string kTimeForm =
    "20[0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9].[0-9][0-9][0-9]Z";

bool has_form(const std::string& text, const std::string& form) {
  return ::fnmatch(form.c_str(), text.c_str(), 0) == 0;
}

constexpr std::uint64_t kMany = 20'000;

// Returns the lines lost, as counted before the end.
std::uint64_t lost_of_many(int fd) {
  const StderrTo redirected(fd);
  const Logging logging({});
  for (std::uint64_t i = 0; i < kMany; ++i) log_event(Level::info, "line", "line {n}", {{"n", i}});
  return logging.dropped();
}

TEST_CASE("a text line bears the time in UTC and level and thread and the facts") {
  const Lines lines = lines_of({}, [] {
    Thread("listener", [] {
      log_event(Level::info, "listening", "listening on {address}",
                {{"address", "127.0.0.1:7007"}});
    }).join();
  });
  REQUIRE(lines.size() == 1);
  CAPTURE(lines.front());
  CHECK(has_form(lines.front(), kTimeForm + " info  \\[listener] listening on 127.0.0.1:7007"));
}

TEST_CASE("the time of a line is UTC whatever the time zone is") {
  const char* const before = std::getenv("TZ");
  const std::optional<std::string> zone =
      before == nullptr ? std::nullopt : std::optional<std::string>(before);
  ::setenv("TZ", "XYZ-14", 1);  // POSIX for fourteen hours east
  ::tzset();
  const std::time_t start = std::time(nullptr);
  const Lines lines = lines_of({}, [] { log_event(Level::info, "event", "now", {}); });
  if (zone) ::setenv("TZ", zone->c_str(), 1);
  if (!zone) ::unsetenv("TZ");
  ::tzset();

  REQUIRE(lines.size() == 1);
  std::tm written{};
  REQUIRE(::strptime(lines.front().c_str(), "%Y-%m-%dT%H:%M:%S", &written) != nullptr);
  const std::time_t time = ::timegm(&written);
  CHECK(time >= start);
  CHECK(time <= std::time(nullptr));
}

TEST_CASE("every kind of fact is filled in") {
  CHECK(text_of("client {n} closed: {cause}, lasted {s:.3f} s",
                {{"n", std::uint64_t{7}}, {"cause", "idle"}, {"s", 1.23449}}) ==
        "client 7 closed: idle, lasted 1.234 s");
}

TEST_CASE("a JSON line is one object with the facts as keys") {
  const Lines lines = lines_of({.level = Level::info, .format = LogFormat::json}, [] {
    Thread("worker-7", [] {
      log_event(Level::warn, "closed", "client {n} closed: {cause}",
                {{"n", std::uint64_t{18446744073709551615U}}, {"cause", "idle"}, {"s", 1.5}});
    }).join();
  });
  REQUIRE(lines.size() == 1);
  auto line = nlohmann::json::parse(lines.front());
  CHECK(has_form(line["time"].get<std::string>(), kTimeForm));
  line.erase("time");
  CHECK(line == nlohmann::json{{"level", "warning"},
                               {"thread", "worker-7"},
                               {"event", "closed"},
                               {"n", 18446744073709551615U},
                               {"cause", "idle"},
                               {"s", 1.5}});
}

TEST_CASE("a fact with control characters stays on its line") {
  const std::string hostile = "a\nb\rc\x1b[2Jd\x7f" + std::string(1, '\0') + "e\t";
  CHECK(text_of("name {name}", {{"name", hostile}}) == R"(name a\x0ab\x0dc\x1b[2Jd\x7f\x00e\x09)");
  CHECK(json_of("name {name}", {{"name", hostile}})["name"] == hostile);
}

TEST_CASE("a fact with braces is not read as a format") {
  CHECK(text_of("name {name}", {{"name", "{n} {{ } %v"}}) == "name {n} {{ } %v");
}

TEST_CASE("what is not UTF-8 is replaced in JSON") {
  CHECK(json_of("", {{"name", "caf\xc3\xa9 \xff\xc3("}})["name"] ==
        "caf\xc3\xa9 \xef\xbf\xbd\xef\xbf\xbd(");
}

TEST_CASE("quotes and backslashes survive JSON") {
  CHECK(json_of("", {{"name", R"(a"b\c)"}})["name"] == R"(a"b\c)");
}

TEST_CASE("a text that does not fit its facts is logged as it stands") {
  CHECK(text_of("client {m} closed", {{"n", std::uint64_t{7}}}) == "client {m} closed");
}

TEST_CASE("lines below the level are left out") {
  const Lines lines = lines_of({.level = Level::warn, .format = LogFormat::text}, [] {
    log_event(Level::debug, "event", "debug", {});
    log_event(Level::info, "event", "info", {});
    log_event(Level::warn, "event", "warning", {});
    log_event(Level::err, "event", "error", {});
  });
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].find("Z warning [") != std::string::npos);
  CHECK(lines[1].find("Z error [") != std::string::npos);
}

TEST_CASE("without Logging an event goes nowhere") {
  lines_of({}, [] {});
  CHECK_NOTHROW(log_event(Level::critical, "event", "text {n}", {{"n", std::uint64_t{1}}}));
}

TEST_CASE("every line of many threads is written whole") {
  constexpr int kThreads = 8;
  constexpr std::uint64_t kLines = 500;  // all of them fit into the queue
  const Lines lines = lines_of({}, [] {
    std::vector<std::unique_ptr<Thread>> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.push_back(std::make_unique<Thread>("writer-" + std::to_string(i), [] {
        for (std::uint64_t n = 0; n < kLines; ++n) {
          log_event(Level::info, "event", "line {n}", {{"n", n}});
        }
      }));
    }
  });
  CHECK(lines.size() == kThreads * kLines);
  const std::string form = kTimeForm + " info  \\[writer-[0-7]] line *";
  for (const std::string& line : lines) REQUIRE(has_form(line, form));
  CHECK(std::ranges::count_if(lines, [](const std::string& line) {
          return line.ends_with(" line 499");
        }) == kThreads);
}

TEST_CASE("a thread that fails is logged with its name and the reason") {
  const Lines lines = lines_of(
      {}, [] { const Thread thread("doomed", [] { throw std::runtime_error("no luck"); }); });
  REQUIRE(lines.size() == 1);
  CHECK(lines.front().ends_with("error [doomed] thread ended by an exception: no luck"));
}

TEST_CASE("nobody waits for a pipe that nobody reads and lost lines are counted") {
  const Pipe pipe;
  pipe.fill();
  constexpr std::uint64_t kQueue = 8192;
  CHECK(lost_of_many(pipe.in.get()) >= kMany - kQueue - 1);
}

TEST_CASE("a pipe without a reader costs lines only") {
  Pipe pipe;
  pipe.out.reset();
  lost_of_many(pipe.in.get());
}

TEST_CASE("a line longer than a pipe does not keep Logging from ending") {
  const Pipe pipe;
  const StderrTo redirected(pipe.in.get());
  const Logging logging({});
  log_event(Level::info, "event", "{text}", {{"text", std::string(1 << 20, 'x')}});
}

TEST_CASE("a terminal that takes nothing does not keep Logging from ending") {
  int master = -1;
  int terminal = -1;
  REQUIRE(::openpty(&master, &terminal, nullptr, nullptr, nullptr) == 0);
  const Descriptor master_owner(master);
  const Descriptor terminal_owner(terminal);
  lost_of_many(terminal);
}

TEST_CASE("a full disk costs lines and they are counted") {
  const Descriptor full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  REQUIRE(full);
  const StderrTo redirected(full.get());
  const Logging logging({});
  log_event(Level::info, "event", "lost", {});
  log_event(Level::info, "event", "lost", {});
  // The counter is the only sign of a loss, so the wait itself is the check.
  while (logging.dropped() < 2) std::this_thread::yield();
  CHECK(logging.dropped() == 2);
}

struct SlowReader {
  std::ptrdiff_t lines = 0;
  std::chrono::nanoseconds took{0};

  // From when the writer has nothing more to say, until the end.
  void read(int pipe) {
    const auto begin = std::chrono::steady_clock::now();
    std::array<char, 512> part{};
    for (ssize_t got = 0; (got = ::read(pipe, part.data(), part.size())) > 0;) {
      lines += std::count(part.begin(), part.begin() + got, '\n');
    }
    took = std::chrono::steady_clock::now() - begin;
  }
};

SlowReader read_slowly(std::uint64_t written) {
  Pipe pipe;
  SlowReader result;
  std::latch ending(1);
  Thread reader("reader", [&] {
    ending.wait();
    result.read(pipe.out.get());
  });
  {
    const StderrTo redirected(pipe.in.get());
    const Logging logging({});
    for (std::uint64_t i = 0; i < written; ++i) {
      log_event(Level::info, "line", "line {n}", {{"n", i}});
    }
    ending.count_down();
  }
  pipe.in.reset();
  reader.join();
  return result;
}

TEST_CASE("the last lines reach a reader that is slower than the writer") {
  constexpr std::uint64_t kLines = 3000;  // more than a pipe holds and less than the queue
  // The log waits for 100 ms at its end, and a busy machine may keep this reader for longer.
  constexpr std::chrono::milliseconds kHeldUp{50};
  SlowReader reader = read_slowly(kLines);
  while (reader.lines != kLines && reader.took > kHeldUp) reader = read_slowly(kLines);
  CHECK(reader.lines == kLines);
}

}  // namespace
}  // namespace echo
