#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/support/temporary_folder.h"
#include "tests/system/echoc_load.h"
#include "tests/system/echod.h"

namespace echo::testing {
namespace {

using nlohmann::json;

TEST_CASE("the result tells what the kernel made of the socket options") {
  Echod echod({"-l", "127.0.0.1:0"});
  const Load load(echod.address(),
                  {"-n", "10", "-c", "2", "--dscp", "af41", "--congestion", "reno", "--send-buffer",
                   "100k", "--receive-buffer", "50k", "--no-nodelay"});
  CHECK(load.status == 0);
  CHECK(load.errors == "");
  const json& options = load.result.at("options");
  CHECK(options.at("dscp") == 34);
  CHECK(options.at("send_buffer") == 102'400);
  CHECK(options.at("no_nodelay") == true);
  CHECK(options.at("effective") == json{{"dscp", 34},
                                        {"congestion", "reno"},
                                        {"send_buffer", 204'800},
                                        {"receive_buffer", 102'400},
                                        {"nodelay", false}});
}

TEST_CASE("without socket options the result tells what the kernel chose") {
  Echod echod({"-l", "127.0.0.1:0"});
  const Load load(echod.address(), {"-n", "10", "-c", "2"});
  const json& options = load.result.at("options");
  CHECK(options.at("dscp").is_null());
  CHECK(options.at("congestion").is_null());
  CHECK(options.at("effective").at("dscp") == 0);
  CHECK(options.at("effective").at("nodelay") == true);
  CHECK(load.result.at("tcp").at("connections") == 2);
  CHECK(load.result.at("tcp").at("rtt").at("count") >= 2);
}

TEST_CASE("a unix socket has buffers and the kernel tells nothing else of it") {
  const TemporaryFolder folder;
  const std::string address = "unix:" + folder.file("socket");
  Echod echod({"-l", address});
  const Load load(address, {"-n", "10", "-c", "2", "--send-buffer", "100k"});
  CHECK(load.status == 0);
  const json& effective = load.result.at("options").at("effective");
  CHECK(effective.at("send_buffer") == 204'800);
  CHECK(effective.at("dscp").is_null());
  CHECK(effective.at("congestion").is_null());
  CHECK(load.result.at("tcp").is_null());
  CHECK(load.result.at("intervals").at(0).at("retransmissions") == 0);
}

// Nobody listens there: what is wrong is told before.
TEST_CASE("a socket option that cannot be right is refused before the load starts") {
  const auto refusal = [](const std::string& command, const std::string& address,
                          const std::vector<std::string>& options) {
    std::vector<std::string> words{ECHOC_PATH, command, address};
    words.insert(words.end(), options.begin(), options.end());
    const Finished finished = run_program(words);
    CHECK(finished.status == 2);
    CHECK(finished.output == "");
    return finished.errors;
  };
  for (const char* command : {"load", "ping"}) {
    CHECK(refusal(command, "127.0.0.1:1", {"--dscp", "64"}) ==
          "echoc: --dscp: '64' is not a DSCP: CS0 to CS7, AF11 to AF43, EF, VA, LE or a number "
          "from 0 to 63\n");
    CHECK(refusal(command, "127.0.0.1:1", {"--send-buffer", "2G"}) ==
          "echoc: --send-buffer: '2G' is not a size from 1 to 1G\n");
    CHECK(refusal(command, "127.0.0.1:1", {"--congestion", "nope"})
              .find("echoc: --congestion: 'nope' is not a congestion control of this kernel; "
                    "available are: ") == 0);
    CHECK(refusal(command, "unix:/nowhere", {"--dscp", "EF"}) ==
          "echoc: --dscp is of TCP, and unix:/nowhere is a unix socket\n");
  }
}

}  // namespace
}  // namespace echo::testing
