#include <doctest/doctest.h>

#include <csignal>
#include <list>
#include <string>
#include <vector>

#include "tests/support/http.h"
#include "tests/support/process.h"
#include "tests/support/socket.h"
#include "tests/support/temporary_folder.h"
#include "tests/system/clients.h"
#include "tests/system/echod.h"

namespace echo::testing {
namespace {

// An echod that answers scrapers.
struct WatchedEchod : Echod {
  explicit WatchedEchod(std::vector<std::string> options = {})
      : Echod(with_metrics(std::move(options))) {
    const std::string line = process().wait_for_error("metrics on ");
    metrics = line.substr(line.rfind(' ') + 1);
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
  CHECK(http_get(echod.metrics, "/readyz").status == 200);
  CHECK(http_get(echod.metrics, "/").status == 404);
  CHECK(echod.stop() == 0);
}

TEST_CASE("while it drains it is healthy and not ready and can be scraped") {
  WatchedEchod echod({"--drain-timeout", "1h"});
  const Socket client = stuck_reader(echod.address());
  echod.process().signal(SIGTERM);
  echod.wait_for_log("draining: 1 connections");
  CHECK(http_get(echod.metrics, "/readyz").status == 503);
  CHECK(http_get(echod.metrics, "/healthz").status == 200);
  const std::string page = http_get(echod.metrics, "/metrics").body;
  CHECK(page.find("\nechod_connections_live 1\n") != page.npos);
  echod.process().signal(SIGTERM);
  CHECK(echod.process().wait() == 3);
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

TEST_CASE("one address for clients and for metrics is a usage error") {
  const Finished run =
      run_program({ECHOD_PATH, "--listen", "127.0.0.1:7", "--metrics", "127.0.0.1:7"});
  CHECK(run.status == 2);
  CHECK(run.errors ==
        "echod: --listen and --metrics cannot both be 127.0.0.1:7; see echod --help\n");
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
