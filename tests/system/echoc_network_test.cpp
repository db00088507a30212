// What only a look at the network shows, in a network namespace of the test's own.
#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/descriptor.h"
#include "tests/support/process.h"
#include "tests/support/root.h"
#include "tests/system/echod.h"

namespace echo::testing {
namespace {

// A machine without any network but its loopback.
class LoopbackMachine {
 public:
  LoopbackMachine() {
    run({"ip", "netns", "add", name_});
    run({"ip", "-n", name_, "link", "set", "lo", "up"});
  }
  ~LoopbackMachine() { run_program({"ip", "netns", "del", name_}); }
  LoopbackMachine(const LoopbackMachine&) = delete;
  LoopbackMachine& operator=(const LoopbackMachine&) = delete;

  std::vector<std::string> prefix() const { return {"ip", "netns", "exec", name_}; }

  Finished on_it(const std::vector<std::string>& words) const {
    std::vector<std::string> command = prefix();
    command.insert(command.end(), words.begin(), words.end());
    return run_program(command);
  }

  // Sees every packet of it.
  Descriptor watch() const {
    Descriptor socket;
    std::thread there([&] {  // the namespace is the thread's
      const Descriptor space(::open(("/run/netns/" + name_).c_str(), O_RDONLY | O_CLOEXEC));
      if (::setns(space.get(), CLONE_NEWNET) != 0) return;
      socket.reset(::socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_ALL)));
    });
    there.join();
    if (!socket) throw std::runtime_error("cannot watch the packets");
    return socket;
  }

  // Every 50th segment with data to that port gets lost.
  bool lose_segments_to(const std::string& port) const {
    const std::string rule = "tcp dport " + port + " meta length > 100 numgen inc mod 50 0 drop";
    const std::string chain = "add chain inet t c { type filter hook input priority 0; }";
    return on_it({"nft", "add table inet t; " + chain + "; add rule inet t c " + rule}).status == 0;
  }

 private:
  static void run(const std::vector<std::string>& command) {
    if (run_program(command).status != 0) throw std::runtime_error("ip netns");
  }

  const std::string name_ = "echoc-network-" + std::to_string(::getpid());
};

// The DSCPs of the segments that open a connection, among all packets that came so far.
std::set<unsigned> dscps_of_syns(const Descriptor& watch) {
  constexpr unsigned kTcp = 6;
  constexpr unsigned kSynAndAck = 0x12;
  constexpr unsigned kSyn = 0x02;
  std::set<unsigned> found;
  std::array<std::uint8_t, 65536> packet{};
  while (::recv(watch.get(), packet.data(), packet.size(), MSG_DONTWAIT) > 0) {
    const bool is_ipv6 = packet[0] >> 4 == 6;
    if (packet[is_ipv6 ? 6 : 9] != kTcp) continue;
    const std::size_t header = is_ipv6 ? 40U : (packet[0] & 0xfU) * 4U;
    if ((packet[header + 13] & kSynAndAck) != kSyn) continue;
    const unsigned field =
        is_ipv6 ? ((packet[0] & 0xfU) << 4U) | (packet[1] >> 4U) : unsigned{packet[1]};
    found.insert(field >> 2U);
  }
  return found;
}

TEST_CASE("the first packet of a connection carries the mark over IPv4 and IPv6") {
  if (!is_root()) return;
  const LoopbackMachine machine;
  Echod ipv4({"-l", "127.0.0.1:0"}, {.prefix = machine.prefix()});
  Echod ipv6({"-l", "[::1]:0"}, {.prefix = machine.prefix()});
  const std::string mapped = "[::ffff:127.0.0.1]:" + ipv4.port();
  const Descriptor watch = machine.watch();
  const auto marks = [&](const std::string& address, std::vector<std::string> options) {
    options.insert(options.begin(), {ECHOC_PATH, "load", address, "-n", "2", "-c", "2"});
    CHECK(machine.on_it(options).status == 0);
    return dscps_of_syns(watch);
  };
  for (const std::string& address : {ipv4.address(), ipv6.address(), mapped}) {
    CAPTURE(address);
    CHECK(marks(address, {}) == std::set<unsigned>{0});
    CHECK(marks(address, {"--dscp", "EF"}) == std::set<unsigned>{46});
    const auto ping = machine.on_it({ECHOC_PATH, "ping", address, "-n", "1", "--dscp", "CS7"});
    CHECK(ping.status == 0);
    CHECK(ping.output.find("socket with DSCP 56 (CS7), ") != std::string::npos);
    CHECK(dscps_of_syns(watch) == std::set<unsigned>{56});
  }
}

TEST_CASE("where segments get lost the report tells of the retransmissions") {
  if (!is_root()) return;
  const LoopbackMachine machine;
  Echod echod({"-l", "127.0.0.1:0"}, {.prefix = machine.prefix()});
  if (!machine.lose_segments_to(echod.port())) {
    MESSAGE("skipped: needs nft");
    return;
  }
  const std::vector<std::string> load{ECHOC_PATH, "load", echod.address(), "-n", "1000", "-c",
                                      "10",       "-i",   "100ms"};
  const Finished text = machine.on_it(load);
  CHECK(text.status == 0);
  CHECK(text.output.find("\nnetwork      p") != std::string::npos);
  CHECK(text.output.find(" retransmissions on ") != std::string::npos);

  std::vector<std::string> with_json = load;
  with_json.insert(with_json.end(), {"--json", "-"});
  const auto result = nlohmann::json::parse(machine.on_it(with_json).output);
  const auto& tcp = result.at("tcp");
  CHECK(tcp.at("retransmissions") >= 20);
  CHECK(tcp.at("connections") == 10);
  CHECK(tcp.at("connections_affected") >= 1);
  std::uint64_t sum = 0;
  for (const auto& interval : result.at("intervals")) {
    sum += interval.at("retransmissions").get<std::uint64_t>();
  }
  CHECK(tcp.at("retransmissions") == sum);

  // Connections that are closed in between count too.
  with_json.insert(with_json.end(), {"--messages-per-connection", "10"});
  const auto churned = nlohmann::json::parse(machine.on_it(with_json).output).at("tcp");
  CHECK(churned.at("retransmissions") >= 20);
  CHECK(churned.at("connections") == 100);
}

TEST_CASE("where nothing gets lost the report tells of no retransmission") {
  if (!is_root()) return;
  const LoopbackMachine machine;
  Echod echod({"-l", "127.0.0.1:0"}, {.prefix = machine.prefix()});
  const Finished text =
      machine.on_it({ECHOC_PATH, "load", echod.address(), "-n", "1000", "-c", "10"});
  CHECK(text.status == 0);
  CHECK(text.output.find("retransmission") == std::string::npos);
}

std::set<std::string> names_in(const std::string& file) {
  std::ifstream stream("/proc/sys/net/ipv4/" + file);
  return {std::istream_iterator<std::string>(stream), {}};
}

TEST_CASE("a congestion control that is not permitted is refused with those that are") {
  if (!is_root()) return;
  const auto allowed = names_in("tcp_allowed_congestion_control");
  const auto available = names_in("tcp_available_congestion_control");
  const auto forbidden = std::ranges::find_if(
      available, [&](const std::string& name) { return allowed.count(name) == 0; });
  if (forbidden == available.end()) {
    MESSAGE("skipped: needs a congestion control that is not for all users");
    return;
  }
  const Finished finished =
      run_program({"setpriv", "--bounding-set=-net_admin", "--inh-caps=-net_admin", ECHOC_PATH,
                   "load", "127.0.0.1:1", "--congestion", *forbidden});
  CHECK(finished.status == 1);
  CHECK(finished.output == "");
  CHECK(finished.errors.find("echoc: --congestion: '" + *forbidden +
                             "' is not permitted to this user; permitted are: ") == 0);
}

}  // namespace
}  // namespace echo::testing
