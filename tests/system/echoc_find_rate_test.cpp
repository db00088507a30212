// Searches for the highest rate, at servers of which it is known. A busy machine makes rates that
// would be met missed or unknown, so only what must hold on any machine is checked: above all that
// no rate is met which the server cannot have kept.
#include "tests/system/echoc_find_rate.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fstream>

#include "tests/support/eventually.h"
#include "tests/support/json_schema.h"
#include "tests/support/temporary_folder.h"

namespace echo::testing {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

void check_trial(const json& trial, const json& found) {
  CAPTURE(trial);
  CHECK(trial.at("achieved") <= trial.at("rate"));
  CHECK(trial.at("rate") >= found.at("from"));
  CHECK(trial.at("rate") <= found.at("to"));
  CHECK(trial.at("values").size() >= found.at("objectives").size());
}

// The rate found is that of a long run that met its objectives, and the result is that run.
void check_confirmed(const json& result) {
  const json& found = result.at("find_rate");
  const auto is_it = [&](const json& trial) {
    return trial.at("confirming").get<bool>() && trial.at("verdict") == "met" &&
           trial.at("achieved") == found.at("rate");
  };
  const json& trials = found.at("trials");
  const auto it = std::find_if(trials.begin(), trials.end(), is_it);
  REQUIRE(it != trials.end());
  CHECK(result.at("rate").at("asked") == it->at("rate"));
  CHECK(result.at("options").at("duration_s") == it->at("duration_s"));
}

// What fits together in every result of a search that was not interrupted.
void check_search(const Search& search) {
  const json& result = search.result;
  CAPTURE(result);
  const json& found = search.found();
  std::ifstream schema(RESULT_SCHEMA);
  CHECK(schema_faults(json::parse(schema), result).empty());
  check_sums(result);
  CHECK(search.status == status_of_search(result));
  CHECK(found.at("from") <= found.at("to"));
  for (const json& trial : found.at("trials")) check_trial(trial, found);
  CHECK(found.at("confirmed") == (search.rate() > 0));
  if (search.rate() > 0) check_confirmed(result);
  CHECK((found.at("limited_by") == "rate") == found.at("next_failed").is_null());
  if (!found.at("next_failed").is_null()) CHECK(found.at("next_failed") > search.rate());
}

// No trial met a rate beyond `most(duration)`, nor was more found.
template <typename Most>
void check_at_most(const Search& search, const Most& most) {
  for (const json& trial : search.found().at("trials")) {
    CAPTURE(trial);
    if (trial.at("verdict") == "met") CHECK(trial.at("rate") <= most(trial.at("duration_s")));
    if (trial.at("confirming").get<bool>()) CHECK(search.rate() <= most(trial.at("duration_s")));
  }
}

TEST_CASE("no search finds more than a server with a known capacity can answer") {
  constexpr double kCapacity = 200;
  constexpr double kBurst = 2;
  PacedServer server(std::make_unique<TokenBucket>(kCapacity, kBurst));
  const Search found = search(server.address(), {"--find-rate", "p99<50ms", "--from", "50", "--to",
                                                 "1000", "--precision", "10%", "-d", "2s"});
  check_search(found);
  // Of the messages of T seconds 99 % were answered within T + 50 ms; one more may be due.
  check_at_most(
      found, [](double time) { return ((kCapacity * (time + 0.05) + kBurst) / 0.99 + 1) / time; });
}

TEST_CASE("no search finds a rate at which a latency that grows with the load is too long") {
  constexpr double kCapacity = 400;
  constexpr double kWindow = 0.25;
  PacedServer server(std::make_unique<LoadedLatency>(10ms, kCapacity, 250ms));
  // On one connection no message passes another.
  const Search found =
      search(server.address(), {"--find-rate", "p50<50ms", "--from", "50", "--to", "1000",
                                "--precision", "10%", "-d", "2s", "-c", "1", "--pipeline", "200"});
  check_search(found);
  // 10 ms / (1 - rate / capacity) reaches 50 ms there. After the first window all messages see the
  // whole load, and these are more than half; the window holds one more or less.
  check_at_most(found, [](double) { return kCapacity * (1 - 10.0 / 50) + 2 / kWindow; });
}

TEST_CASE("a closed loop tells how far a search goes") {
  PacedServer server(std::make_unique<TokenBucket>(50, 1));
  const Search found = search(server.address(), {"--find-rate", "p99<20ms", "--from", "20",
                                                 "--precision", "20%", "-d", "1s"});
  check_search(found);
  CHECK(found.found().at("to") >= 20);
  // Of what was answered in a second and until the last answers.
  CHECK(found.found().at("to") <= 2 * (50 + 10 + 1));
}

TEST_CASE("an objective that no rate meets finds none and ends with status 3") {
  PacedServer server(std::make_unique<LoadedLatency>(10ms, 1000, 100ms));
  const Search found = search(
      server.address(), {"--find-rate", "p99<1ms", "--from", "10", "--to", "20", "-d", "1s", "-q"});
  check_search(found);
  CHECK(found.status == 3);
  CHECK(found.rate() == 0);
  CHECK(found.found().at("complete") == true);
  CHECK(found.found().at("next_failed") == 10);
  CHECK(found.errors == "echoc: found no rate from 10/s on\n");
}

TEST_CASE("a required rate beyond the capacity ends with status 3 and a line about it") {
  PacedServer server(std::make_unique<TokenBucket>(50, 1));
  const Search found =
      search(server.address(), {"--find-rate", "p99<100ms,errors<50%", "--from", "20", "--to", "40",
                                "--require-rate", "1000", "-d", "1s", "-q"});
  check_search(found);
  CHECK(found.status == 3);
  CHECK(found.errors.find("echoc: found ") == 0);
  if (found.rate() > 0) {
    CHECK(found.errors.find(" messages/s, less than the 1,000 required\n") != std::string::npos);
  }
}

TEST_CASE("a search that is interrupted reports what it has and ends with status 130") {
  for (const int signal : {SIGINT, SIGTERM}) {
    PacedServer server(std::make_unique<TokenBucket>(100, 1));
    Process echoc(load_command(server.address(), {"--find-rate", "p99<1s", "--from", "20", "--to",
                                                  "20", "-d", "1000s", "-q"}));
    REQUIRE(eventually([&] { return server.answered() >= 5; }));
    echoc.signal(signal);
    CHECK(echoc.wait() == 130);
    const json result = json::parse(echoc.output());
    check_sums(result);
    CHECK(result.at("partial") == true);
    CHECK(result.at("messages").at("echoed") > 0);
    CHECK(result.at("find_rate").at("complete") == false);
    CHECK(result.at("find_rate").at("rate") == 0);
    CHECK(result.at("find_rate").at("trials").empty());
  }
}

TEST_CASE("an interrupted search tells the highest rate that was met so far") {
  PacedServer server(std::make_unique<TokenBucket>(100, 1));
  Process echoc({ECHOC_PATH, "load", server.address(), "-i", "1h", "--find-rate", "p99<1h",
                 "--from", "1", "--to", "1", "-d", "100s"});
  // The long run follows. That single messages are late misses no such objective.
  echoc.wait_for_error("1/s for 10s: met, p99 ");
  echoc.signal(SIGINT);
  CHECK(echoc.wait() == 130);
  CHECK(echoc.output().find("PARTIAL") != std::string::npos);
  CHECK(echoc.output().find("so far, not confirmed by a long run") != std::string::npos);
}

}  // namespace
}  // namespace echo::testing
