#include <doctest/doctest.h>
#include <sys/resource.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <list>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/eventually.h"
#include "tests/support/frozen_thread.h"
#include "tests/support/http.h"
#include "tests/support/proc.h"
#include "tests/support/process.h"
#include "tests/support/socket.h"
#include "tests/support/temporary_folder.h"
#include "tests/system/clients.h"
#include "tests/system/echod.h"

namespace echo::testing {
namespace {

// The listener has a second for its answer, which a busy machine may not leave it.
void wait_until_ready(const std::string& metrics) {
  CHECK(eventually([&] { return http_get(metrics, "/readyz").status == 200; }));
}

// An echod that answers scrapers.
struct WatchedEchod : Echod {
  explicit WatchedEchod(std::vector<std::string> options = {})
      : Echod(with_metrics(std::move(options))) {
    const std::string line = process().wait_for_error("metrics on ");
    metrics = line.substr(line.rfind(' ') + 1);
    // Its pages are there before it serves.
    wait_until_ready(metrics);
  }

  static std::vector<std::string> with_metrics(std::vector<std::string> options) {
    options.insert(options.end(), {"--listen", "127.0.0.1:0", "--metrics", "127.0.0.1:0"});
    return options;
  }

  std::string metrics;  // the address
};

TEST_CASE("it answers metrics and health and readiness and nothing else") {
  WatchedEchod echod;
  CHECK(http_get(echod.metrics, "/metrics").status == 200);
  CHECK(http_get(echod.metrics, "/metrics").headers.find("version=0.0.4") != std::string::npos);
  CHECK(http_get(echod.metrics, "/healthz").status == 200);
  wait_until_ready(echod.metrics);
  CHECK(http_get(echod.metrics, "/").status == 404);
  CHECK(echod.stop() == 0);
}

TEST_CASE("while it drains it is healthy and not ready and can be scraped") {
  WatchedEchod echod({"--drain-timeout", "1h"});
  const Socket client = stuck_reader(echod.address());
  echod.process().signal(SIGTERM);
  echod.wait_for_log("draining: 1 connection");
  CHECK(http_get(echod.metrics, "/readyz").status == 503);
  CHECK(http_get(echod.metrics, "/healthz").status == 200);
  const std::string page = http_get(echod.metrics, "/metrics").body;
  CHECK(page.find("\nechod_connections_live 1\n") != page.npos);
  echod.process().signal(SIGTERM);
  CHECK(echod.process().wait() == 3);
}

TEST_CASE("while its listener hangs it is healthy and not ready and then ready again") {
  WatchedEchod echod;
  {
    const FrozenThread frozen(echod.id(), "listener");
    for (int i = 0; i < 2; ++i) {
      CHECK(http_get(echod.metrics, "/readyz").status == 503);
      CHECK(http_get(echod.metrics, "/healthz").status == 200);
    }
  }
  wait_until_ready(echod.metrics);
  CHECK(echod.stop() == 0);
}

TEST_CASE("a probe of readiness that waits for the listener holds up no other page") {
  WatchedEchod echod;
  const FrozenThread frozen(echod.id(), "listener");
  const auto begin = std::chrono::steady_clock::now();
  std::list<Socket> probes;
  for (int i = 0; i < 5; ++i) {
    probes.push_back(Socket::connect(echod.metrics));
    probes.back().send("GET /readyz HTTP/1.0\r\n\r\n");
  }
  CHECK(http_get(echod.metrics, "/healthz").status == 200);
  for (Socket& probe : probes) {
    CHECK(probe.receive_until_end().ends_with("the listener hangs\n"));
  }
  CHECK(std::chrono::steady_clock::now() - begin >= std::chrono::milliseconds(900));
}

TEST_CASE("scrapers that hang hold neither clients nor the stop") {
  WatchedEchod echod({"--drain-timeout", "1h"});
  std::list<Socket> scrapers;
  for (int i = 0; i < 10; ++i) {
    scrapers.push_back(Socket::connect(echod.metrics));
    scrapers.back().send("GET /metrics HTTP/1.1\r\n");
  }
  Socket client = Socket::connect(echod.address());
  CHECK(echoes(client));
  CHECK(echod.stop() == 0);
}

TEST_CASE("an address for metrics that cannot be had ends it before it serves") {
  WatchedEchod first;
  const TemporaryFolder folder;
  for (const std::string& address : {first.metrics, std::string("192.0.2.1:9")}) {
    const Finished run =
        run_program({ECHOD_PATH, "--listen", "unix:" + folder.file("socket"), "--port-file",
                     folder.file("port"), "--metrics", address, "--log-level", "off"});
    CHECK(run.status == 1);
    CHECK(run.errors.starts_with("echod: cannot listen on " + address + ": "));
    CHECK(std::filesystem::is_empty(folder.path()));
  }
  CHECK(first.stop() == 0);
}

TEST_CASE("a daemon refuses a relative path for metrics") {
  const Finished run = run_program({ECHOD_PATH, "--daemon", "--metrics", "unix:name"});
  CHECK(run.status == 2);
  CHECK(run.errors.find("unix:name") != std::string::npos);
}

TEST_CASE("pages are answered on a unix socket which goes with the server") {
  const TemporaryFolder folder;
  const std::string metrics = "unix:" + folder.file("metrics");
  Echod echod({"--listen", "127.0.0.1:0", "--metrics", metrics});
  for (const char* page : {"/metrics", "/healthz"}) CHECK(http_get(metrics, page).status == 200);
  wait_until_ready(metrics);
  CHECK(echod.stop() == 0);
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("one address for clients and for metrics is a usage error") {
  const Finished run =
      run_program({ECHOD_PATH, "--listen", "127.0.0.1:7", "--metrics", "127.0.0.1:7"});
  CHECK(run.status == 2);
  CHECK(run.errors == "echod: --listen and --metrics cannot both be 127.0.0.1:7\n");
}

// The value of a metric without labels.
double value_of(const std::string& metrics, const std::string& name) {
  const std::string page = http_get(metrics, "/metrics").body;
  const std::size_t at = page.find('\n' + name + ' ');
  return at == page.npos ? -1 : std::stod(page.substr(at + name.size() + 2));
}

TEST_CASE("the metrics tell whether and when the configuration was last read") {
  const TemporaryFolder folder;
  write_file(folder.file("echod.toml"), "max-connections = 9\n");
  WatchedEchod echod({"--config", folder.file("echod.toml")});
  CHECK(value_of(echod.metrics, "echod_config_reload_success") == 1);
  const double read_at = value_of(echod.metrics, "echod_config_reload_timestamp_seconds");
  CHECK(read_at > 1.7e9);

  write_file(folder.file("echod.toml"), "max-connections = never\n");
  echod.process().signal(SIGHUP);
  CHECK(eventually([&] { return value_of(echod.metrics, "echod_config_reload_success") == 0; }));
  CHECK(value_of(echod.metrics, "echod_config_reload_timestamp_seconds") == read_at);

  write_file(folder.file("echod.toml"), "max-connections = 8\n");
  echod.process().signal(SIGHUP);
  CHECK(eventually([&] { return value_of(echod.metrics, "echod_config_reload_success") == 1; }));
  CHECK(value_of(echod.metrics, "echod_config_reload_timestamp_seconds") > read_at);
  CHECK(echod.stop() == 0);
}

// Sets the limit on descriptors of a process; returns the one before.
rlimit limit_descriptors(pid_t process, rlim_t soft) {
  rlimit before{};
  ::prlimit(process, RLIMIT_NOFILE, nullptr, &before);
  const rlimit limit{.rlim_cur = soft, .rlim_max = before.rlim_max};
  REQUIRE(::prlimit(process, RLIMIT_NOFILE, &limit, nullptr) == 0);
  return before;
}

bool has_descriptor(pid_t process, std::size_t number) {
  return std::filesystem::exists(std::filesystem::symlink_status(
      "/proc/" + std::to_string(process) + "/fd/" + std::to_string(number)));
}

TEST_CASE("without a free descriptor every page is answered and nothing spins") {
  WatchedEchod echod;
  std::list<Socket> clients;
  // Until none is free below the last one.
  do {
    clients.push_back(Socket::connect(echod.address()));
    CHECK(echoes(clients.back()));
  } while (!has_descriptor(echod.id(), open_descriptors(echod.id()) - 1));
  const rlimit before = limit_descriptors(echod.id(), open_descriptors(echod.id()));

  const Socket silent = Socket::connect(echod.metrics);
  for (int i = 0; i < 10; ++i) {
    for (const char* page : {"/metrics", "/healthz"}) {
      CHECK(http_get(echod.metrics, page).status == 200);
    }
    wait_until_ready(echod.metrics);
  }
  Socket waiting = Socket::connect(echod.address());
  const ProcessorLoad load(echod.id());
  std::this_thread::sleep_for(std::chrono::milliseconds(500));  // what a shortage costs
  CHECK(load.of_busiest_thread() < 20);
  CHECK(http_get(echod.metrics, "/metrics").status == 200);

  limit_descriptors(echod.id(), before.rlim_cur);
  CHECK(echoes(waiting));
  CHECK(echod.stop() == 0);
}

TEST_CASE("a lack of descriptors costs scrapes and gives them back") {
  Process echod({"prlimit", "--nofile=32:32", ECHOD_PATH, "--listen", "127.0.0.1:0", "--metrics",
                 "127.0.0.1:0"});
  const std::string listening = echod.wait_for_error("listening on ");
  const std::string metrics_on = echod.wait_for_error("metrics on ");
  const std::string address = listening.substr(listening.rfind(' ') + 1);
  const std::string metrics = metrics_on.substr(metrics_on.rfind(' ') + 1);
  {
    std::list<Socket> clients;
    for (int i = 0; i < 64; ++i) clients.push_back(Socket::connect(address));
    CHECK(echoes(clients.front()));
    const std::string page = http_get(metrics, "/metrics").body;
    CHECK(page.find("\nprocess_open_fds ") != page.npos);
  }
  CHECK(eventually([&] {
    return http_get(metrics, "/metrics").body.find("\nechod_connections_live 0\n") !=
           std::string::npos;
  }));
  echod.signal(SIGTERM);
  CHECK(echod.wait() == 0);
}

}  // namespace
}  // namespace echo::testing
