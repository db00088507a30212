#include <doctest/doctest.h>
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "common/descriptor.h"
#include "tests/support/eventually.h"
#include "tests/support/process.h"
#include "tests/support/root.h"
#include "tests/support/socket.h"
#include "tests/support/temporary_folder.h"
#include "tests/system/clients.h"
#include "tests/system/echod.h"

namespace echo::testing {
namespace {

// Two machines with a cable between them, as network namespaces of this process's own.
class TwoMachines {
 public:
  TwoMachines() {
    for (const std::string& name : {server_, client_}) ip({"netns", "add", name});
    ip({"-n", server_, "link", "add", "cable", "type", "veth", "peer", "name", "cable", "netns",
        client_});
    ip({"-n", server_, "addr", "add", "10.77.0.1/24", "dev", "cable"});
    for (const std::string& name : {server_, client_}) {
      ip({"-n", name, "link", "set", "cable", "up"});
    }
    bring_back_client();
  }
  ~TwoMachines() {
    for (const std::string& name : {server_, client_}) run_program({"ip", "netns", "del", name});
  }
  TwoMachines(const TwoMachines&) = delete;
  TwoMachines& operator=(const TwoMachines&) = delete;

  std::vector<std::string> on_server() const { return {"ip", "netns", "exec", server_}; }

  // A connection from the client's machine.
  Socket connect(const std::string& address) const {
    std::optional<Socket> socket;
    std::thread there([&] {  // the namespace is the thread's
      const Descriptor space(::open(("/run/netns/" + client_).c_str(), O_RDONLY | O_CLOEXEC));
      if (::setns(space.get(), CLONE_NEWNET) == 0) socket.emplace(Socket::connect(address));
    });
    there.join();
    if (!socket) throw std::runtime_error("setns");
    return std::move(*socket);
  }

  // From then on nothing answers what is sent to the client.
  void take_client_away() { ip({"-n", client_, "addr", "flush", "dev", "cable"}); }
  void bring_back_client() { ip({"-n", client_, "addr", "add", "10.77.0.2/24", "dev", "cable"}); }

 private:
  static void ip(std::vector<std::string> words) {
    words.insert(words.begin(), "ip");
    const Finished done = run_program(words);
    if (done.status != 0) throw std::runtime_error(done.errors);
  }

  const std::string server_ = "echod-server-" + std::to_string(::getpid());
  const std::string client_ = "echod-client-" + std::to_string(::getpid());
};

bool has_network_namespaces() {
  if (!is_root()) return false;
  const std::string name = "echod-try-" + std::to_string(::getpid());
  if (run_program({"ip", "netns", "add", name}).status == 0) {
    return run_program({"ip", "netns", "del", name}).status == 0;
  }
  MESSAGE("skipped: no network namespaces here");
  return false;
}

// The kernel's counter TCPKeepAlive in the process's namespace: probes sent.
long probes_sent(pid_t process) {
  std::istringstream lines(read_file("/proc/" + std::to_string(process) + "/net/netstat"));
  std::string names;
  std::string values;
  while (std::getline(lines, names) && std::getline(lines, values)) {
    std::istringstream name_list(names);
    std::istringstream value_list(values);
    std::string name;
    for (std::string value; name_list >> name && value_list >> value;) {
      if (name == "TCPKeepAlive") return std::stol(value);
    }
  }
  throw std::runtime_error("no TCPKeepAlive");
}

std::vector<std::string> quick_keepalive() {
  return {"--listen",       "10.77.0.1:0", "--keepalive", "1s",
          "--idle-timeout", "0",           "--heartbeat", "0"};
}

TEST_CASE("a client whose machine is away for some keepalive probes keeps its connection") {
  if (!has_network_namespaces()) return;
  TwoMachines machines;
  Echod echod(quick_keepalive(), {.prefix = machines.on_server()});
  Socket client = machines.connect(echod.address());
  CHECK(echoes(client));
  CHECK(eventually([&] { return probes_sent(echod.id()) > 0; }));
  machines.take_client_away();
  const long before = probes_sent(echod.id());
  CHECK(eventually([&] { return probes_sent(echod.id()) >= before + 2; }));
  machines.bring_back_client();
  CHECK(echoes(client));
  CHECK(echod.stop() == 0);
}

TEST_CASE("a client whose machine is gone is unreachable after six keepalive probes") {
  if (!has_network_namespaces()) return;
  TwoMachines machines;
  Echod echod(quick_keepalive(), {.prefix = machines.on_server()});
  Socket client = machines.connect(echod.address());
  CHECK(echoes(client));
  machines.take_client_away();
  echod.wait_for_log("client 1 closed: unreachable, ");
  CHECK(probes_sent(echod.id()) >= 6);
}

}  // namespace
}  // namespace echo::testing
