#include <doctest/doctest.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "tests/fault/faulty_echod.h"
#include "tests/support/process.h"
#include "tests/support/root.h"
#include "tests/support/socket.h"
#include "tests/support/temporary_folder.h"

// A limit on processes does not bind root, so echod runs as another user here.
namespace echo::testing {
namespace {

// A user of this process's own, with a copy of echod that it may read: the limit counts all
// processes of a user, and the path of the build may be closed to others.
class OtherUser {
 public:
  OtherUser() {
    std::filesystem::permissions(folder_.path(), std::filesystem::perms(0755));
    std::filesystem::copy_file(ECHOD_PATH, program());
  }

  std::string program() const { return folder_.file("echod"); }

  // In front of a command: it runs as the user, who may have that many processes and threads.
  std::vector<std::string> prefix(int limit) const {
    return {"prlimit",        "--nproc=" + std::to_string(limit),
            "setpriv",        "--reuid=" + id_,
            "--regid=" + id_, "--clear-groups",
            "--inh-caps=-all"};
  }

 private:
  TemporaryFolder folder_;
  std::string id_ = std::to_string(100'000 + ::getpid());
};

bool is_served(Socket& client) {
  try {
    return client.try_send("hello") && client.receive_some() == "hello";
  } catch (const std::system_error& error) {
    if (error.code() == std::errc::connection_reset) return false;
    throw;
  }
}

TEST_CASE("threads that the user has already are left out of the limit on connections") {
  if (!is_root()) return;
  const OtherUser user;
  const std::vector<std::string> as_user = user.prefix(40);
  std::vector<std::unique_ptr<Process>> processes;
  const auto start = [&](std::vector<std::string> command) {
    command.insert(command.begin(), as_user.begin(), as_user.end());
    return processes.emplace_back(std::make_unique<Process>(command)).get();
  };
  for (int i = 0; i < 10; ++i) {
    start({"sh", "-c", "echo here; exec sleep 1000"})->wait_for_output("here");
  }
  Process* echod = start({user.program(), "--listen", "127.0.0.1:0"});
  echod->wait_for_error("max-connections lowered from 10000 to 22: at most 40 threads");
}

TEST_CASE("without threads clients wait and are served once there are some") {
  if (!is_root()) return;
  const OtherUser user;
  const std::vector<std::string> as_user = user.prefix(20);
  const auto start = [&](std::vector<std::string> command) {
    command.insert(command.begin(), as_user.begin(), as_user.end());
    return std::make_unique<Process>(command);
  };
  const auto echod = start({user.program(), "--listen", "127.0.0.1:0", "--heartbeat", "0"});
  const std::string listening = echod->wait_for_error("listening on ");
  const std::string address = listening.substr(listening.rfind(' ') + 1);
  // What echod cannot know: the user's other processes take from the same limit.
  std::vector<std::unique_ptr<Process>> others;
  for (int i = 0; i < 10; ++i) {
    others.push_back(start({"sh", "-c", "echo here; exec sleep 1000"}));
    others.back()->wait_for_output("here");
  }

  std::vector<Socket> clients;
  for (int i = 0; i < 10; ++i) {
    clients.push_back(Socket::connect(address));
    clients.back().send("hello");
  }
  CHECK(clients.front().receive(5) == "hello");
  echod->wait_for_error("cannot start a thread: Resource temporarily unavailable; client ");

  others.clear();
  for (std::size_t i = 1; i < clients.size(); ++i) CHECK(clients[i].receive(5) == "hello");
  CHECK(count(echod->errors(), "no_resources") == 0);
  clients.clear();
  echod->signal(SIGTERM);
  CHECK(echod->wait() == 0);
  CHECK(count(echod->errors(), "stopped: 10 served, 0 forced") == 1);
}

TEST_CASE("a user who may have few threads gets them and everybody else is served or refused") {
  if (!is_root()) return;
  const OtherUser user;
  FaultyEchod echod({}, {}, {.prefix = user.prefix(12), .program = user.program()});
  std::vector<Socket> clients;
  for (int i = 0; i < 30; ++i) clients.push_back(echod.connect());
  int served = 0;
  for (Socket& client : clients) {
    served += is_served(client) ? 1 : 0;
    client.close();
  }
  CHECK(served >= 5);
  echod.check_healthy();
  CHECK(echod->stop() == 0);
}

}  // namespace
}  // namespace echo::testing
