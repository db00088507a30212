#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <string>
#include <thread>

#include "tests/support/socket.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/text.h"
#include "tests/system/clients.h"
#include "tests/system/echod.h"

namespace echo::testing {
namespace {

TEST_CASE("HUP takes a changed configuration for new connections") {
  const TemporaryFolder folder;
  const std::string config = folder.file("echod.conf");
  write_file(config, "idle-timeout = \"1h\"\nheartbeat = 0\nlisten = \"127.0.0.1:0\"\n");
  Echod echod({"--config", config});
  Socket old_client = Socket::connect(echod.address());
  CHECK(echoes(old_client));

  write_file(
      config,
      "idle-timeout = \"100ms\"\nheartbeat = \"50ms\"\nlisten = \"127.0.0.1:1\"\nbacklog = 7\n"
      "drain-timeout = \"1ms\"\n");
  echod.process().signal(SIGHUP);
  echod.wait_for_log("listen changed; restart echod to apply it");
  echod.wait_for_log("backlog changed; restart echod to apply it");
  echod.wait_for_log("configuration reloaded");
  echod.wait_for_log("Waiting for client 1...");
  Socket new_client = Socket::connect(echod.address());
  CHECK(new_client.receive_until_end().empty());
  echod.wait_for_log("client 2 closed: idle");
  CHECK(echoes(old_client));
}

TEST_CASE("HUP takes a changed drain timeout") {
  const TemporaryFolder folder;
  const std::string config = folder.file("echod.conf");
  write_file(config, "drain-timeout = \"1h\"\n");
  Echod echod({"--listen", "127.0.0.1:0", "--config", config});
  const Socket client = stuck_reader(echod.address());
  write_file(config, "drain-timeout = \"1ms\"\n");
  echod.process().signal(SIGHUP);
  echod.wait_for_log("configuration reloaded");
  CHECK(echod.stop() == 3);
}

TEST_CASE("HUP with a bad configuration changes nothing and says so in one line") {
  const TemporaryFolder folder;
  const std::string config = folder.file("echod.conf");
  write_file(config, "idle-timeout = \"1h\"\n");
  Echod echod({"--listen", "127.0.0.1:0", "--config", config, "--heartbeat", "0"});

  const auto reload = [&](const std::string& fault) {
    echod.process().signal(SIGHUP);
    echod.wait_for_log(fault);
  };
  write_file(config, "idle-timeout = \"1ms\"\nheartbeat = \"5x\"\n");
  reload("reload failed: configuration file " + config + ": line 2: heartbeat: '5x'");
  write_file(config, "idle-timeout = \"1ms\"\nno-such-key = 1\n");
  reload("reload failed: configuration file " + config + ": line 2: unknown key 'no-such-key'");
  std::filesystem::remove(config);
  reload("reload failed: configuration file " + config + ": No such file");
  std::filesystem::create_directory(config);
  reload("reload failed: configuration file " + config + ": is a directory");

  Socket client = Socket::connect(echod.address());
  std::this_thread::sleep_for(std::chrono::milliseconds(50));  // past the timeout of the bad files
  CHECK(echoes(client));
  std::filesystem::remove(config);
  write_file(config, "idle-timeout = \"1ms\"\n");
  echod.process().signal(SIGHUP);
  echod.wait_for_log("configuration reloaded");
  CHECK(Socket::connect(echod.address()).receive_until_end().empty());
  CHECK(echod.stop() == 0);
  CHECK(count(echod.log(), "reload failed: ") == 4);
  CHECK(count(echod.log(), "configuration reloaded") == 1);
}

TEST_CASE("the command line still wins after HUP") {
  const TemporaryFolder folder;
  const std::string config = folder.file("echod.conf");
  write_file(config, "heartbeat = 0\n");
  Echod echod({"--listen", "127.0.0.1:0", "--config", config, "--idle-timeout", "1h"});
  write_file(config, "idle-timeout = \"1ms\"\nheartbeat = \"20ms\"\n");
  echod.process().signal(SIGHUP);
  echod.wait_for_log("configuration reloaded");
  Socket client = Socket::connect(echod.address());
  echod.wait_for_log("Waiting for client 1...");  // silent for longer than the file's timeout
  CHECK(echoes(client));
}

}  // namespace
}  // namespace echo::testing
