#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <list>
#include <string>
#include <vector>

#include "tests/support/temporary_folder.h"
#include "tests/system/echoc_load.h"
#include "tests/system/echod.h"

namespace echo::testing {
namespace {

using nlohmann::json;

std::string seconds_from_now(std::chrono::seconds time) {
  const auto since = std::chrono::system_clock::now().time_since_epoch() + time;
  return "@" + std::to_string(std::chrono::duration<double>(since).count());
}

// echoc with `variables` in its environment.
Finished run_with(const std::vector<std::string>& variables,
                  const std::vector<std::string>& arguments) {
  std::vector<std::string> command{"env",          "-u", "SLURM_PROCID",        "-u",
                                   "SLURM_NTASKS", "-u", "JOB_COMPLETION_INDEX"};
  command.insert(command.end(), variables.begin(), variables.end());
  command.push_back(ECHOC_PATH);
  command.insert(command.end(), arguments.begin(), arguments.end());
  return run_program(command);
}

TEST_CASE("three generators make the whole load and their results are merged into it") {
  Echod echod({"-l", "127.0.0.1:0"});
  const TemporaryFolder folder;
  std::list<Process> running;
  std::vector<std::string> files;
  for (const std::string part : {"1", "2", "3"}) {
    files.push_back(folder.file(part));
    running.emplace_back(std::vector<std::string>{
        ECHOC_PATH, "load", echod.address(), "-c", "10", "-r", "200", "-n", "101", "--share",
        part + "/3", "--label", "node" + part, "--json", files.back(), "-q"});
  }
  for (Process& one : running) CHECK(one.wait() == 0);
  const Finished merged = run_program(
      {ECHOC_PATH, "merge", "--expect", "3", "--json", "-", files[2], files[0], files[1]});
  CHECK(merged.status == 0);
  const json sum = json::parse(merged.output);
  CHECK(sum.at("generators") == 3);
  CHECK(sum.at("share") == "1/3, 2/3, 3/3");
  CHECK(sum.at("label") == "node3, node1, node2");
  CHECK(sum.at("connections").at("made") == 10);
  CHECK(sum.at("messages").at("echoed") == 101);
  CHECK(sum.at("options").at("connections") == 10);
  CHECK(sum.at("rate").at("asked").get<double>() == doctest::Approx(200));
  CHECK(sum.contains("overlap"));

  const Finished incomplete = run_program({ECHOC_PATH, "merge", files[0], files[2]});
  CHECK(incomplete.status == 1);
  CHECK(incomplete.errors == "echoc: share 2/3 is missing\n");
}

TEST_CASE("with a rate and a time the shares of a fleet have no message too many") {
  Echod echod({"-l", "127.0.0.1:0"});
  std::uint64_t due = 0;
  for (const std::string part : {"1/4", "2/4", "3/4", "4/4"}) {
    const Load load(echod.address(), {"-c", "4", "-r", "10", "-d", "1s", "--share", part});
    CHECK(load.connections().at("made") == 1);
    CHECK(load.result.at("share") == part);
    // A busy machine may not send all that is due.
    for (const char* what : {"sent", "unsent"})
      due += load.messages().at(what).get<std::uint64_t>();
  }
  CHECK(due == 10);  // of 2.5 a second each
}

TEST_CASE("the share is taken from Slurm and from an indexed Job where the option asks for it") {
  Echod echod({"-l", "127.0.0.1:0"});
  const auto connections = [&](const std::vector<std::string>& variables,
                               const std::vector<std::string>& option) {
    std::vector<std::string> arguments{"load", echod.address(), "-c", "5", "-n",
                                       "10",   "--json",        "-"};
    arguments.insert(arguments.end(), option.begin(), option.end());
    const Finished run = run_with(variables, arguments);
    CHECK(run.status == 0);
    return json::parse(run.output).at("connections").at("made").get<int>();
  };
  const std::vector<std::string> slurm{"SLURM_PROCID=0", "SLURM_NTASKS=2"};
  CHECK(connections(slurm, {"--share", "slurm"}) == 3);
  CHECK(connections({"JOB_COMPLETION_INDEX=1"}, {"--share", "2"}) == 2);
  CHECK(connections(slurm, {}) == 5);
  const Finished refused = run_with({"SLURM_PROCID=0"}, {"load", ":7", "--share", "slurm"});
  CHECK(refused.status == 2);
  CHECK(refused.errors == "echoc: --share: SLURM_NTASKS is not set; srun of Slurm sets it\n");
}

TEST_CASE("a run with a start connects and measures from then on") {
  Echod echod({"-l", "127.0.0.1:0"});
  // A machine that is slow to start a program gets more time for it.
  for (int wait = 1; wait <= 64; wait *= 2) {
    const std::string start = seconds_from_now(std::chrono::seconds(wait));
    const Finished run = run_program(
        {ECHOC_PATH, "load", echod.address(), "-n", "10", "--start-at", start, "--json", "-"});
    if (run.status == 2) continue;
    CHECK(run.status == 0);
    const json result = json::parse(run.output);
    CHECK(result.at("messages").at("echoed") == 10);
    const Finished seconds =
        run_program({"date", "-d", result.at("started").get<std::string>(), "+%s.%N"});
    CHECK(std::stod(seconds.output) >= std::stod(start.substr(1)));
    return;
  }
  FAIL("no start was ever in time");
}

TEST_CASE("a signal ends the waiting for a start and leaves the files alone") {
  Echod echod({"-l", "127.0.0.1:0"});
  const TemporaryFolder folder;
  for (const int signal : {SIGTERM, SIGINT}) {
    Process echoc({ECHOC_PATH, "load", echod.address(), "--start-at", "2199-12-31T23:59:59Z",
                   "--share", "1/2", "--label", "a", "--json", folder.file("json")});
    echoc.wait_for_output("  share 1/2, label a, starts at 2199-12-31T23:59:59.000Z");
    echoc.signal(signal);
    CHECK(echoc.wait() == 130);
    CHECK(echoc.errors() == "echoc: interrupted before a message was measured\n");
  }
  CHECK(run_program({"test", "-e", folder.file("json")}).status == 1);
  CHECK(echod.stop() == 0);
  CHECK(echod.log().find("connected from") == std::string::npos);
}

TEST_CASE("a start that has passed is wrong usage") {
  const Finished run =
      run_program({ECHOC_PATH, "load", ":7", "--start-at", "2020-01-01T00:00:00Z"});
  CHECK(run.status == 2);
  CHECK(run.errors.starts_with("echoc: --start-at: '2020-01-01T00:00:00Z' has passed, "));
}

}  // namespace
}  // namespace echo::testing
