// echoc load beside the record of a server that shares no code with it: counts and bytes are the
// same, and no time that echoc reports is shorter than the server's own.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstdint>
#include <fstream>
#include <numeric>
#include <string>
#include <vector>

#include "tests/client/results/identities.h"
#include "tests/support/temporary_folder.h"
#include "tests/system/echoc_load.h"

namespace echo::testing {
namespace {

using Words = std::vector<std::string>;

class ReferenceServer {
 public:
  explicit ReferenceServer(Words options) : process_(command(std::move(options))) {
    address_ = process_.wait_for_output("127.0.0.1:");
  }

  const std::string& address() const { return address_; }

  // What it counted, as it prints it; then spans() has what it took for each message.
  std::string stop() {
    process_.signal(SIGTERM);
    CHECK(process_.wait() == 0);
    std::string line;
    for (std::ifstream log(folder_.file("log")); std::getline(log, line);) read(line);
    std::ranges::sort(spans_);
    return process_.output().substr(address_.size() + 1);
  }

  // Microseconds in ascending order.
  const std::vector<double>& spans() const { return spans_; }

 private:
  Words command(Words options) const {
    Words words{REFERENCE_SERVER_PATH, "--log", folder_.file("log")};
    words.insert(words.end(), options.begin(), options.end());
    return words;
  }

  void read(const std::string& line) {
    long long first = 0;
    long long sent = 0;
    if (std::sscanf(line.c_str(), "%*d,%lld,%*d,%lld", &first, &sent) != 2) return;
    CHECK(sent >= first);
    spans_.push_back(static_cast<double>(sent - first) / 1e3);
  }

  const TemporaryFolder folder_;
  Process process_;
  std::string address_;
  std::vector<double> spans_;
};

// The value of nearest rank.
double percentile(const std::vector<double>& sorted, double percentage) {
  const double rank = std::ceil(percentage * static_cast<double>(sorted.size()) / 100);
  return sorted.at(static_cast<std::size_t>(std::max(rank, 1.0)) - 1);
}

// Whoever waits for an answer measures from before the server's first byte until after its last,
// but for what echoc takes for its own.
void check_not_below(const nlohmann::json& times, const std::vector<double>& spans, double own) {
  CAPTURE(times.dump());
  CAPTURE(own);
  REQUIRE(times.at("count") == spans.size());
  CHECK(times.at("min") >= spans.front() - own);
  CHECK(times.at("max") >= spans.back() - own);
  const double sum = std::accumulate(spans.begin(), spans.end(), 0.0);
  CHECK(times.at("mean").get<double>() >= sum / static_cast<double>(spans.size()) - own - 1e-3);
  for (const double percentage : {50.0, 90.0, 99.0, 99.9}) {
    CAPTURE(percentage);
    CHECK(times.at("percentiles").at(fmt::format("{:g}", percentage)) >=
          percentile(spans, percentage) - own);
  }
}

// Microseconds. Held up for long in the call that sends, echoc does not know whether that was
// before the message left or behind it, and does not charge the server with it.
double most_held_up(const nlohmann::json& result) {
  constexpr double kTooShortToCount = 1000;
  const double pause = result.at("generator").at("longest_pause_us");
  return pause > kTooShortToCount ? pause : 0;
}

struct Case {
  const char* name;
  Words server;
  Words load;
  std::uint64_t connections;
  std::uint64_t messages;
  std::uint64_t size;
};

std::vector<Case> cases() {
  return {
      {"at once", {"--size", "64"}, {"-c", "10", "-n", "2000", "--pipeline", "8"}, 10, 2000, 64},
      {"one byte", {"--size", "1"}, {"-c", "100", "-n", "2000", "-s", "1"}, 100, 2000, 1},
      {"a mebibyte each",
       {"--size", "1048576", "--delay", "1000"},
       {"-c", "3", "-n", "24", "-s", "1M", "--pipeline", "8"},
       3,
       24,
       1048576},
      {"a constant delay",
       {"--size", "64", "--delay", "5000"},
       {"-c", "10", "-n", "200", "-r", "1000"},
       10,
       200,
       64},
      {"one of a hundred slow",
       {"--size", "64", "--delay", "500", "--slow-every", "100", "--slow", "50000"},
       {"-c", "4", "-n", "400", "--pipeline", "2"},
       4,
       400,
       64},
      {"stalls",
       {"--size", "64", "--stall-every", "100", "--stall", "100000"},
       {"-c", "10", "-n", "300", "-r", "1000"},
       10,
       300,
       64},
      {"overload",
       {"--size", "64", "--capacity", "500"},
       {"-c", "10", "-n", "300", "-r", "5000"},
       10,
       300,
       64},
      {"churn",
       {"--size", "512", "--delay", "1000"},
       {"-c", "5", "-n", "100", "-s", "512", "--messages-per-connection", "5"},
       20,
       100,
       512},
  };
}

TEST_CASE("what a server recorded by itself agrees with the result") {
  for (const Case& one : cases()) {
    CAPTURE(one.name);
    ReferenceServer server(one.server);
    Words options = one.load;
    options.insert(options.end(), {"--timeout", "100s", "--percentiles", "50,90,99,99.9"});
    const Load load(server.address(), options);
    CHECK(load.status == 0);
    check_identities(load.result);
    CHECK(load.messages().at("echoed") == one.messages);
    const std::uint64_t bytes = one.messages * one.size;
    CHECK(load.result.at("bytes") == nlohmann::json{{"sent", bytes}, {"received", bytes}});
    CHECK(server.stop() ==
          fmt::format("{} connections, {} messages, {} bytes received, {} bytes sent\n",
                      one.connections, one.messages, bytes, bytes));
    check_not_below(load.result.at("service_time"), server.spans(), most_held_up(load.result));
    check_not_below(load.result.at("latency"), server.spans(), 0);
  }
}

TEST_CASE("the server saw the messages of ramp-up and warm-up besides those of the result") {
  ReferenceServer server({"--size", "100", "--delay", "2000"});
  const Load load(server.address(), {"-c", "10", "-r", "1000", "-d", "200ms", "--ramp-up", "200ms",
                                     "--warmup", "100ms", "-s", "100", "--timeout", "100s"});
  CHECK(load.status == 0);
  CHECK(load.messages().at("echoed") == 200);
  CHECK(load.result.at("bytes").at("received") == 20'000);
  // A connection joins after its part of the ramp; in the warm-up all of them send.
  server.stop();
  CHECK(server.spans().size() > 300);
  CHECK(server.spans().size() < 500);
  CHECK(load.result.at("service_time").at("min") >= 2000 - most_held_up(load.result));
}

}  // namespace
}  // namespace echo::testing
