#include "common/log_limit.h"

#include <doctest/doctest.h>

#include <atomic>
#include <list>
#include <string>

#include "common/thread.h"

namespace echo {
namespace {

using namespace std::chrono_literals;

TEST_CASE("a fault is logged once a second and the next line tells how many were held back") {
  LogLimit limit;
  const auto start = LogLimit::Clock::now();
  CHECK(limit.allow(start) == 0);
  for (int i = 0; i < 7; ++i) CHECK_FALSE(limit.allow(start + 999ms).has_value());
  CHECK(limit.allow(start + 1s) == 7);
  CHECK_FALSE(limit.allow(start + 1999ms).has_value());
  CHECK(limit.allow(start + 1h) == 1);
  CHECK(limit.allow(start + 2h) == 0);
}

TEST_CASE("a line says how many before it were held back if there were any") {
  CHECK(with_suppressed("cannot", 0) == "cannot");
  CHECK(with_suppressed("cannot", 3) == "cannot ({suppressed} more suppressed)");
}

TEST_CASE("of the lines of many threads each is either allowed or counted") {
  constexpr int kThreads = 4;
  constexpr std::uint64_t kLines = 10'000;
  LogLimit limit;
  std::atomic<std::uint64_t> told{0};
  {
    std::list<Thread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back("log-" + std::to_string(i), [&] {
        for (std::uint64_t line = 0; line < kLines; ++line) {
          if (const auto suppressed = limit.allow()) told += 1 + *suppressed;
        }
      });
    }
  }
  const auto rest = limit.allow(LogLimit::Clock::now() + 1h);
  CHECK(rest.has_value());
  CHECK(told + rest.value_or(0) == kThreads * kLines);
}

TEST_CASE("a longer gap lets a line through when it is over") {
  LogLimit limit(60s);
  const auto begin = LogLimit::Clock::now();
  CHECK(limit.allow(begin) == 0);
  CHECK_FALSE(limit.allow(begin + 59s));
  CHECK(limit.allow(begin + 60s) == 1);
}

}  // namespace
}  // namespace echo
