// How a run of echoc idle ends, and where its result goes.
#include <doctest/doctest.h>

#include <atomic>
#include <csignal>
#include <string>

#include "tests/support/eventually.h"
#include "tests/support/scripted_server.h"
#include "tests/support/temporary_folder.h"
#include "tests/system/echoc_idle.h"

namespace echo::testing {
namespace {

TEST_CASE("an interrupted run reports what is known and what is not finished") {
  std::atomic<int> ended{0};
  ScriptedServer server([&](Socket& client, int) {
    echo_all(client);
    ++ended;
  });
  const TemporaryFolder folder;
  Process idle(
      {ECHOC_PATH, "idle", "--gaps", "50ms,1h", "--json", folder.file("j"), server.address()});
  REQUIRE(eventually([&] { return ended == 1; }));  // that of the short gap
  idle.signal(SIGTERM);
  CHECK(idle.wait() == 130);
  has_text(idle.output(), "  50ms      alive ");
  has_text(idle.output(),
           "  1h        unknown                    -  interrupted before the end of the");
  has_text(idle.output(), "\nInterrupted: what is not finished is unknown.\n");
  const auto saved = nlohmann::json::parse(read_file(folder.file("j")));
  CHECK(saved.at("partial") == true);
  CHECK(saved.at("targets").at(0).at("gaps").at(1).at("verdict").is_null());
}

TEST_CASE("idle gives its sockets what is asked for and reports what they had") {
  ScriptedServer server(echo_script);
  const IdleRun idle = run_idle({"--gaps", "10ms", "--dscp", "EF", "--congestion", "reno",
                                 "--send-buffer", "64k", "--no-nodelay", server.address()});
  CHECK(idle.status == 0);
  CHECK(idle.result.at("options").at("dscp") == 46);
  const auto& socket = idle.target().at("socket");
  CHECK(socket.at("dscp") == 46);
  CHECK(socket.at("congestion") == "reno");
  CHECK(socket.at("send_buffer") == 131'072);  // twice: socket(7)
  CHECK(socket.at("nodelay") == false);
}

TEST_CASE("idle refuses an option of TCP for a unix socket before it connects") {
  const Finished idle = run_program({ECHOC_PATH, "idle", "--dscp", "EF", "unix:/s"});
  CHECK(idle.status == 2);
  has_text(idle.errors, "--dscp is of TCP, and unix:/s is a unix socket");
}

TEST_CASE("a run that measured nothing leaves its file as it was") {
  const TemporaryFolder folder;
  write_file(folder.file("j"), "old");
  CHECK(run_program({ECHOC_PATH, "idle", "--gaps", "1h", "--json", folder.file("j"),
                     address_without_server()})
            .status == 1);
  CHECK(read_file(folder.file("j")) == "old");
  const IdleRun idle = run_idle({"--gaps", "1h", address_without_server()});
  CHECK(idle.status == 1);
  CHECK(idle.result.at("error") == "no gap was measured");
}

TEST_CASE("too few descriptors for all gaps are told before the first connection") {
  ScriptedServer server(echo_script);
  std::string gaps = "1h";
  for (int gap = 0; gap < 40; ++gap) gaps += "," + std::to_string(7200 + gap);
  const Finished idle = run_program(
      {"prlimit", "--nofile=40:40", ECHOC_PATH, "idle", "--gaps", gaps, server.address()});
  CHECK(idle.status == 1);
  has_text(idle.errors, "echoc: 41 connections at once need ");
  has_text(idle.errors,
           " descriptors, and the limit is 40: raise it (ulimit -Hn, LimitNOFILE=) or ask "
           "for fewer gaps or addresses\n");
  CHECK(server.accepted() == 0);
}

TEST_CASE("an output that nobody reads ends idle before its gaps") {
  ScriptedServer server(echo_script);
  const Finished idle = run_program({"sh", "-c", "exec \"$@\" >/dev/full", "sh", ECHOC_PATH, "idle",
                                     "--gaps", "1h", server.address()});
  CHECK(idle.status == 1);
  CHECK(idle.errors == "echoc: cannot write to standard output: No space left on device\n");
}

TEST_CASE("the report and the JSON need a file of their own each") {
  const TemporaryFolder folder;
  const Finished idle = run_program({"sh", "-c", "exec \"$@\" >\"$0\"", folder.file("j"),
                                     ECHOC_PATH, "idle", "--json", folder.file("j"), ":7"});
  CHECK(idle.status == 2);
  has_text(idle.errors, "are the same file; each needs its own\n");
}

TEST_CASE("a terminal has a countdown and loses it at the end") {
  ScriptedServer server(echo_script);
  const Finished idle = run_program(
      {"script", "-qec",
       std::string("'") + ECHOC_PATH + "' idle --gaps 100ms " + server.address() + " >/dev/null",
       "/dev/null"});
  CHECK(idle.status == 0);
  has_text(idle.output, "\r1 silent, next speaks in 0.1 s, at most 5.1 s left");
  has_text(idle.output, "  \r");
}

}  // namespace
}  // namespace echo::testing
