#include <doctest/doctest.h>

#include <string>

#include <nlohmann/json.hpp>

#include "tests/monitoring/promtool.h"
#include "tests/support/eventually.h"
#include "tests/support/http.h"
#include "tests/support/process.h"
#include "tests/support/temporary_folder.h"
#include "tests/system/echod.h"

namespace echo::testing {
namespace {

// The page of an echoc that pings these two.
std::string page_of_ping(const std::string& first, const std::string& second) {
  Process ping({ECHOC_PATH, "ping", "-q", "-i", "10ms", "--metrics", "127.0.0.1:0", first, second});
  const std::string line = ping.wait_for_output("metrics on ");
  const std::string address = line.substr(line.rfind(' ') + 1);
  std::string page;
  CHECK(eventually([&] {
    page = http_get(address, "/metrics").body;
    return page.find("echoc_ping_up{target=\"" + first + "\"} 1\n") != page.npos;
  }));
  return page;
}

TEST_CASE("promtool finds nothing to mend on the page of a ping") {
  if (is_missing("promtool")) return;
  Echod echod({"--listen", "127.0.0.1:0"});
  check_with_promtool(page_of_ping(echod.address(), "unix:/no \"such\\server"));
}

TEST_CASE("promtool takes the rules of a ping") {
  if (is_missing("promtool")) return;
  check_rules_with_promtool("ping_alerts");
}

TEST_CASE("the dashboard and the alerts of a ping ask for metrics that there are") {
  Echod echod({"--listen", "127.0.0.1:0"});
  const std::string page = '\n' + page_of_ping(echod.address(), "unix:/none");
  const auto dashboard = nlohmann::json::parse(read_file(MONITORING_FOLDER "/ping_dashboard.json"));
  CHECK(dashboard.at("panels").size() > 5);
  const std::string asked = dashboard.dump() + read_file(MONITORING_FOLDER "/ping_alerts.yml");
  CHECK(count_metrics(asked, {"echoc_", "process_"}, page) > 8);
}

}  // namespace
}  // namespace echo::testing
