#include "server/monitoring/metrics.h"

#include <doctest/doctest.h>

#include <list>
#include <string>
#include <thread>

#include "tests/server/core/server_fixture.h"
#include "tests/support/http.h"

namespace echo {
namespace {

using testing::eventually;
using testing::http_get;
using testing::local_options;
using testing::RunningServer;
using testing::Socket;

// A server that is watched.
struct Watched {
  explicit Watched(const Options& options = local_options()) : server(options) { metrics.start(); }

  Logging logging{{.level = Level::off}};
  HttpServer http{open_sockets(find_targets({Address::parse("127.0.0.1:0")}), 16)};
  RunningServer server;
  ReloadState reload;
  Metrics metrics{http, *server, logging, reload};

  std::string page() const { return http_get(http.addresses().at(0), "/metrics").body; }
  int readiness() const { return http_get(http.addresses().at(0), "/readyz").status; }

  // Whether a page will have the line.
  bool shows(const std::string& line) const {
    return eventually(
        [&] { return ('\n' + page()).find('\n' + line + '\n') != std::string::npos; });
  }
};

TEST_CASE("the page tells exactly what was served") {
  Options options = local_options();
  options.admission.max_connections = 3;
  Watched watched(options);
  std::list<Socket> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(watched.server.connect());
    clients.back().send("hello");
    CHECK(clients.back().receive(5) == "hello");
  }
  CHECK(watched.server.connect().receive_until_end().empty());
  clients.pop_back();
  CHECK(watched.shows(R"(echod_connections_closed_total{cause="peer_closed"} 1)"));
  CHECK(watched.shows("echod_connections_accepted_total 4"));
  CHECK(watched.shows("echod_connections_live 2"));
  CHECK(watched.shows("echod_connections_limit 3"));
  CHECK(watched.shows("echod_client_addresses 1"));
  CHECK(watched.shows(R"(echod_connections_refused_total{cause="full"} 1)"));
  CHECK(watched.shows(R"(echod_connections_refused_total{cause="denied"} 0)"));
  CHECK(watched.shows("echod_received_bytes_total 15"));
  CHECK(watched.shows("echod_sent_bytes_total 15"));
  CHECK(watched.shows(R"(echod_accept_errors_total{kind="descriptors"} 0)"));
  CHECK(watched.shows(R"(echod_workers{state="busy"} 2)"));
  CHECK(watched.shows("echod_workers_created_total 3"));
  CHECK(watched.shows("echod_workers_failed_total 0"));
  CHECK(watched.shows("echod_hand_over_seconds_count 3"));
  CHECK(watched.shows(R"(echod_hand_over_seconds_bucket{le="+Inf"} 3)"));
  CHECK(watched.shows("echod_first_read_seconds_count 3"));
  CHECK(watched.shows("echod_log_lines_dropped_total 0"));
}

TEST_CASE("a cause is either one to close or one to refuse") {
  Watched watched;
  const std::string page = watched.page();
  for (int i = 1; i < kCloseCauses; ++i) {
    const std::string label = "{cause=\"" + std::string(name(static_cast<CloseCause>(i))) + "\"}";
    CAPTURE(label);
    const bool closed = page.find("echod_connections_closed_total" + label) != page.npos;
    const bool refused = page.find("echod_connections_refused_total" + label) != page.npos;
    CHECK(closed != refused);
  }
}

TEST_CASE("the page tells of the process under the names that all use") {
  Watched watched;
  const std::string page = watched.page();
  for (const char* name : {"process_cpu_seconds_total", "process_open_fds", "process_max_fds",
                           "process_threads", "process_virtual_memory_bytes",
                           "process_resident_memory_bytes", "process_start_time_seconds"}) {
    CAPTURE(name);
    const std::size_t at = page.find('\n' + std::string(name) + ' ');
    CHECK(at != page.npos);
    if (at != page.npos) CHECK(std::stod(page.substr(page.find(' ', at))) > 0);
  }
  CHECK(page.find("echod_build_info{version=\"" ECHO_VERSION "\"") != page.npos);
}

TEST_CASE("it is ready from the start until the stop and answers until it is destroyed") {
  Watched watched;
  // Of a listener that has no core for a second it is not known.
  CHECK(eventually([&] { return watched.readiness() == 200; }));
  watched.server.stop();
  CHECK(watched.readiness() == 503);
  CHECK(http_get(watched.http.addresses().at(0), "/healthz").status == 200);
  CHECK(watched.shows("echod_connections_live 0"));
}

TEST_CASE("scrapes go on while clients come and go") {
  Watched watched;
  std::list<Thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back("client", [&] {
      for (int n = 0; n < 50; ++n) {
        Socket client = watched.server.connect();
        client.send("hello");
        CHECK(client.receive(5) == "hello");
      }
    });
    threads.emplace_back("scraper", [&] {
      for (int n = 0; n < 50; ++n) CHECK_FALSE(watched.page().empty());
    });
  }
  threads.clear();
  CHECK(watched.shows(R"(echod_connections_closed_total{cause="peer_closed"} 200)"));
  CHECK(watched.shows("echod_received_bytes_total 1000"));
}

}  // namespace
}  // namespace echo
