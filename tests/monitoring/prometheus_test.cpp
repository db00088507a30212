#include <doctest/doctest.h>

#include <cstdlib>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/monitoring/promtool.h"
#include "tests/support/eventually.h"
#include "tests/support/http.h"
#include "tests/support/process.h"
#include "tests/support/socket.h"
#include "tests/support/temporary_folder.h"
#include "tests/system/clients.h"
#include "tests/system/echod.h"
#include "tests/system/logging_echod.h"

namespace echo::testing {
namespace {

using Values = std::map<std::string, double>;

std::string metrics_address(Echod& echod) {
  const std::string line = echod.process().wait_for_error("metrics on ");
  return line.substr(line.rfind(' ') + 1);
}

// A Prometheus of the test's own that scrapes echod.
class Prometheus {
 public:
  explicit Prometheus(const std::string& target) {
    write_file(folder_.file("prometheus.yml"),
               "scrape_configs:\n"
               "- job_name: echod\n"
               "  scrape_interval: 200ms\n"
               "  scrape_timeout: 200ms\n"
               "  static_configs: [{targets: ['" +
                   target + "']}]\n");
    process_.emplace(std::vector<std::string>{
        "prometheus", "--config.file=" + folder_.file("prometheus.yml"),
        "--storage.tsdb.path=" + folder_.file("data"), "--web.listen-address=127.0.0.1:0"});
    const std::string line = process_->wait_for_error("msg=\"Listening on\"");
    address_ = line.substr(line.rfind('=') + 1);
    process_->wait_for_error("Server is ready to receive web requests");
  }

  // What an instant query finds: values by series, such as closed_total{cause="idle"}.
  Values query(const std::string& expression) const {
    const HttpAnswer answer = http_get(address_, "/api/v1/query?query=" + expression);
    Values values;
    if (answer.status != 200) return values;
    const auto json = nlohmann::json::parse(answer.body);
    for (const auto& series : json.at("data").at("result")) {
      const auto& metric = series.at("metric");
      std::string name = metric.at("__name__");
      for (const char* label : {"cause", "kind", "state"}) {
        if (metric.contains(label)) name += '_' + metric.at(label).get<std::string>();
      }
      values[name] = std::stod(series.at("value").at(1).get<std::string>());
    }
    return values;
  }

 private:
  TemporaryFolder folder_;
  std::optional<Process> process_;
  std::string address_;
};

// The facts of the newest line of all counters; none before there is one.
Values newest_counters(const std::string& log) {
  std::string text = read_file(log);
  text.resize(text.rfind('\n') + 1);  // npos + 1 is 0
  Values facts;
  const std::size_t begin = text.rfind("accepted=");
  if (begin == text.npos) return facts;
  std::istringstream words(text.substr(begin, text.find('\n', begin) - begin));
  for (std::string word; words >> word;) {
    const std::size_t equals = word.find('=');
    facts[word.substr(0, equals)] = std::stod(word.substr(equals + 1));
  }
  return facts;
}

// The counters once only `live` connections are left and no worker is parked: nothing changes then.
// One sign is not enough: the worker that is about to end the last connection is not parked either.
Values counters_at_rest(LoggingEchod& echod, const std::string& log, int live) {
  Values facts;
  CHECK(eventually([&] {
    echod.process().signal(SIGUSR1);
    facts = newest_counters(log);
    return facts.contains("workers_parked") && facts["live"] == live &&
           facts["workers_parked"] == 0;
  }));
  return facts;
}

// Whose name in the line of all counters is not the metric's without echod_.
std::string metric_of(const std::string& fact) {
  static const std::map<std::string, std::string> names{
      {"accepted", "echod_connections_accepted_total"},
      {"live", "echod_connections_live"},
      {"bytes_in", "echod_received_bytes_total"},
      {"bytes_out", "echod_sent_bytes_total"},
      {"workers_created", "echod_workers_created_total"},
      {"workers_failed", "echod_workers_failed_total"},
      {"log_lines_dropped", "echod_log_lines_dropped_total"},
  };
  if (const auto found = names.find(fact); found != names.end()) return found->second;
  static const std::set<std::string> refusals{"closed_full", "closed_per_address", "closed_denied",
                                              "closed_no_resources"};
  if (refusals.contains(fact)) return "echod_connections_refused_total_" + fact.substr(7);
  if (fact.starts_with("closed_")) return "echod_connections_closed_total_" + fact.substr(7);
  if (fact.starts_with("accept_errors_")) return "echod_accept_errors_total_" + fact.substr(14);
  return "echod_" + fact;  // such as workers_busy
}

void make_known_load(const std::string& address, std::list<Socket>& stay) {
  for (int i = 0; i < 3; ++i) {
    stay.push_back(Socket::connect(address));
    CHECK(echoes(stay.back()));
  }
  for (int i = 0; i < 20; ++i) {
    Socket client = Socket::connect(address);
    const std::string text(static_cast<std::size_t>(i) * 1000 + 1, 'x');
    client.send(text);
    CHECK(client.receive(text.size()) == text);
    client.finish_sending();
    CHECK(client.receive_until_end().empty());
  }
}

TEST_CASE("what Prometheus tells after a known load is what the line of all counters tells") {
  if (is_missing("prometheus")) return;
  const TemporaryFolder folder;
  const std::string log = folder.file("log");
  LoggingEchod echod({"--listen", "[::1]:0", "--deny", "::1", "--metrics", "127.0.0.1:0",
                      "--heartbeat", "0", "--log-file", log});
  const auto address_after = [&](const std::string& text) {
    const std::string line = wait_for_line(log, text);
    return line.substr(line.rfind(' ') + 1);
  };
  const Prometheus prometheus(address_after("metrics on "));
  std::list<Socket> stay;
  make_known_load(echod.address(), stay);
  const std::string denied = address_after("listening on [::1]:");
  for (int i = 0; i < 5; ++i) CHECK(Socket::connect(denied).receive_until_end().empty());

  const Values facts = counters_at_rest(echod, log, 3);
  CHECK(facts.at("accepted") == 28);
  CHECK(facts.at("live") == 3);
  CHECK(facts.at("bytes_in") == 3 * 5 + 190'000 + 20);
  CHECK(facts.at("bytes_out") == 3 * 5 + 190'000 + 20);
  CHECK(facts.at("closed_peer_closed") == 20);
  CHECK(facts.at("closed_denied") == 5);

  Values found;
  CHECK(eventually([&] {
    found = prometheus.query("{job=\"echod\"}");
    for (const auto& [fact, value] : facts) {
      const auto metric = found.find(metric_of(fact));
      if (metric == found.end() || metric->second != value) return false;
    }
    return true;
  }));
  for (const auto& [fact, value] : facts) {
    const std::string metric = metric_of(fact);
    CAPTURE(metric);
    CHECK(found.contains(metric));
    CHECK(found[metric] == value);
  }
  CHECK(found["up"] == 1);
  CHECK(found["echod_hand_over_seconds_count"] == 23);
  CHECK(found["echod_first_read_seconds_count"] == 23);
}

TEST_CASE("promtool finds nothing to mend on the page") {
  if (is_missing("promtool")) return;
  Echod echod({"--listen", "127.0.0.1:0", "--metrics", "127.0.0.1:0"});
  check_with_promtool(http_get(metrics_address(echod), "/metrics").body);
}

TEST_CASE("promtool takes the rules") {
  if (is_missing("promtool")) return;
  check_rules_with_promtool("alerts");
}

TEST_CASE("dashboard and alerts ask for metrics that there are") {
  Echod echod({"--listen", "127.0.0.1:0", "--metrics", "127.0.0.1:0"});
  const std::string page = '\n' + http_get(metrics_address(echod), "/metrics").body;
  const auto dashboard = nlohmann::json::parse(read_file(MONITORING_FOLDER "/dashboard.json"));
  CHECK(dashboard.at("panels").size() > 5);
  const std::string asked = dashboard.dump() + read_file(MONITORING_FOLDER "/alerts.yml");
  CHECK(count_metrics(asked, {"echod_", "process_"}, page) > 20);
}

}  // namespace
}  // namespace echo::testing
