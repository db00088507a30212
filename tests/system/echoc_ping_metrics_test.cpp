// echoc ping --metrics.
#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/eventually.h"
#include "tests/support/http.h"
#include "tests/support/process.h"
#include "tests/support/scripted_server.h"
#include "tests/support/temporary_folder.h"
#include "tests/system/echod.h"

namespace echo::testing {
namespace {

// A ping that is scraped.
class ScrapedPing {
 public:
  explicit ScrapedPing(const std::vector<std::string>& options) : process_(command(options)) {
    const std::string line = process_.wait_for_output("metrics on ");
    address_ = line.substr(line.rfind(' ') + 1);
  }

  Process& process() { return process_; }
  HttpAnswer get(const std::string& path) const { return http_get(address_, path); }

  // The value of a series; -1 if there is none.
  double value(const std::string& series) const {
    const std::string page = '\n' + get("/metrics").body;
    const std::size_t at = page.find('\n' + series + ' ');
    return at == page.npos ? -1 : std::stod(page.substr(at + series.size() + 2));
  }
  bool reaches(const std::string& series, double least) const {
    CAPTURE(series);
    return eventually([&] { return value(series) >= least; });
  }

 private:
  static std::vector<std::string> command(const std::vector<std::string>& options) {
    std::vector<std::string> words{ECHOC_PATH, "ping", "--metrics", "127.0.0.1:0"};
    words.insert(words.end(), options.begin(), options.end());
    return words;
  }

  Process process_;
  std::string address_;
};

std::string of(const std::string& metric, const std::string& target) {
  return "echoc_ping_" + metric + "{target=\"" + target + "\"}";
}

std::string lost(const std::string& target, const std::string& cause) {
  return "echoc_ping_lost_total{target=\"" + target + "\",cause=\"" + cause + "\"}";
}

TEST_CASE("the page of a ping has what became of each target") {
  Echod echod({"-l", "127.0.0.1:0"});
  ScriptedServer silent([](Socket& client, int) { client.receive_until_end(); });
  ScriptedServer wrong([](Socket& client, int) {
    const std::string bytes = client.receive(64);
    client.send(std::string(64, static_cast<char>(bytes[0] + 1)));
    client.receive_until_end();
  });
  const std::string dead = address_without_server();
  ScrapedPing ping({"-q", "-i", "10ms", "--timeout", "20ms", silent.address(), wrong.address(),
                    dead, echod.address()});
  CHECK(ping.reaches(of("round_trip_seconds_count", echod.address()), 5));
  CHECK(ping.reaches(lost(silent.address(), "timeout"), 2));
  CHECK(ping.reaches(lost(wrong.address(), "wrong_bytes"), 2));
  CHECK(ping.reaches(lost(dead, "refused"), 2));
  CHECK(ping.value(lost(dead, "timeout")) == 0);
  CHECK(ping.value(of("up", dead)) == 0);
  CHECK(ping.value(of("outages_total", dead)) == 1);
  CHECK(ping.value(of("outage_seconds", dead)) > 0);
  CHECK(ping.value(of("longest_outage_seconds", dead)) > 0);
  CHECK(ping.value(of("connect_seconds_count", dead)) == 0);
  CHECK(ping.value(of("connect_seconds_count", echod.address())) >= 1);
  CHECK(ping.reaches(of("reconnects_total", silent.address()), 1));
  CHECK(ping.value("echoc_ping_interval_seconds") == 0.01);
  ping.process().signal(SIGTERM);
  CHECK(ping.process().wait() == 4);
}

TEST_CASE("a single server that is down is watched if there are metrics") {
  const TemporaryFolder folder;
  const std::string path = "unix:" + folder.file("socket");
  ScrapedPing ping({"-q", "-i", "10ms", path});
  CHECK(ping.reaches(lost(path, "refused"), 2));
  CHECK(ping.get("/readyz").status == 200);
  Echod late({"-l", path});
  CHECK(ping.reaches(of("up", path), 1));
  CHECK(ping.value(of("outage_seconds", path)) == 0);
  CHECK(ping.value(of("longest_outage_seconds", path)) > 0);
  ping.process().signal(SIGINT);
  CHECK(ping.process().wait() == 1);
}

TEST_CASE("a ping that hangs at its output is not ready until it goes on") {
  Echod echod({"-l", "127.0.0.1:0"});
  // Nobody reads the lines meanwhile, and more of them than the pipe holds have to wait.
  ScrapedPing ping({"-i", "100us", echod.address()});
  CHECK(ping.get("/healthz").status == 200);
  CHECK(eventually([&] { return ping.get("/readyz").status == 503; }));
  CHECK(ping.get("/readyz").body == "the ping hangs\n");
  CHECK(ping.get("/healthz").status == 200);
  ping.process().close_output();
  CHECK(ping.process().wait() == 1);
}

TEST_CASE("a ping with metrics on a unix socket leaves the directory to others") {
  Echod echod({"-l", "127.0.0.1:0"});
  const TemporaryFolder folder;
  Process ping({ECHOC_PATH, "ping", "-q", "--metrics", "unix:" + folder.file("metrics"),
                "localhost:" + echod.port()});  // a name, whose resolver is a copy of the ping
  CHECK(eventually([&] { return std::filesystem::exists(folder.file("metrics")); }));
  CHECK(eventually([&] {  // it is unlocked a moment after that
    return run_program({"flock", "--nonblock", folder.path(), "true"}).status == 0;
  }));
}

TEST_CASE("a ping whose metrics have no address to listen on ends at once") {
  Echod echod({"-l", "127.0.0.1:0"});
  const Finished ping =
      run_program({ECHOC_PATH, "ping", "--metrics", echod.address(), echod.address()});
  CHECK(ping.status == 1);
  CHECK(ping.output == "");
  CHECK(ping.errors.starts_with("echoc: cannot listen on " + echod.address() +
                                ": Address already in use"));
}

TEST_CASE("a ping that may not bind the port of its metrics says what would help") {
  // Under strace there can be no check for leaks.
  Process ping({"strace", "-f", "-qq", "-o", "/dev/null", "-e", "inject=bind:error=EACCES",
                ECHOC_PATH, "ping", "--metrics", "127.0.0.1:80", "127.0.0.1:7"},
               {.environment = {"ASAN_OPTIONS=detect_leaks=0"}});
  CHECK(ping.wait() == 1);
  CHECK(ping.errors() ==
        "echoc: cannot listen on 127.0.0.1:80: Permission denied; for a port below 1024 use setcap "
        "cap_net_bind_service=ep\n");
}

}  // namespace
}  // namespace echo::testing
