// echoc idle behind a real NAT of the kernel, which forgets connections: nftables and conntrack.
#include <doctest/doctest.h>
#include <unistd.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/root.h"
#include "tests/system/echoc_idle.h"
#include "tests/system/echod.h"

namespace echo::testing {
namespace {

void run(const std::vector<std::string>& words) {
  const Finished done = run_program(words);
  if (done.status != 0) throw std::runtime_error(done.errors);
}

// A network namespace of this process's own.
class Machine {
 public:
  explicit Machine(const std::string& role)
      : name_("echoc-" + role + "-" + std::to_string(::getpid())) {
    run({"ip", "netns", "add", name_});
  }
  ~Machine() { run_program({"ip", "netns", "del", name_}); }
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  const std::string& name() const { return name_; }
  std::vector<std::string> on() const { return {"ip", "netns", "exec", name_}; }

 private:
  const std::string name_;
};

// A client behind a NAT, and a server. What the NAT has forgotten it drops, or answers with a
// reset.
class BehindNat {
 public:
  explicit BehindNat(const std::string& action) {
    cable("inside", "10.78.1", client_.name());
    cable("outside", "10.78.2", server_.name());
    run({"ip", "-n", client_.name(), "route", "add", "default", "via", "10.78.1.1"});
    on_nat("echo 1 >/proc/sys/net/ipv4/ip_forward");
    on_nat(
        "nft 'table ip box {"
        "  chain source { type nat hook postrouting priority 100; oifname outside masquerade; };"
        "  chain through { type filter hook forward priority 0; ct state invalid " +
        action + "; }; }'");
    // Packets in the middle of a connection do not begin a new entry: nf_conntrack-sysctl.
    on_nat(
        "cd /proc/sys/net/netfilter && echo 0 >nf_conntrack_tcp_loose && "
        "echo 4 >nf_conntrack_tcp_timeout_established");
  }

  std::vector<std::string> on_client() const { return client_.on(); }
  std::vector<std::string> on_server() const { return server_.on(); }

 private:
  void on_nat(const std::string& command) const {
    run({"ip", "netns", "exec", nat_.name(), "sh", "-c", command});
  }
  // From the NAT, which has .1 there, to a machine, which has .2.
  void cable(const std::string& device, const std::string& net, const std::string& machine) const {
    run({"ip", "-n", nat_.name(), "link", "add", device, "type", "veth", "peer", "name", "cable",
         "netns", machine});
    run({"ip", "-n", nat_.name(), "addr", "add", net + ".1/24", "dev", device});
    run({"ip", "-n", machine, "addr", "add", net + ".2/24", "dev", "cable"});
    run({"ip", "-n", nat_.name(), "link", "set", device, "up"});
    run({"ip", "-n", machine, "link", "set", "cable", "up"});
  }

  const Machine client_{"client"};
  const Machine nat_{"nat"};
  const Machine server_{"server"};
};

bool has_nat() {
  if (!is_root()) return false;
  const std::string name = "echoc-try-" + std::to_string(::getpid());
  const bool works =
      run_program(
          {"sh", "-c",
           "ip netns add $0 && ip netns exec $0 nft 'table ip box { chain source { type nat "
           "hook postrouting priority 100; masquerade; }; }' && ip netns exec $0 test -e "
           "/proc/sys/net/netfilter/nf_conntrack_tcp_loose",
           name})
          .status == 0;
  run_program({"ip", "netns", "del", name});
  if (!works) MESSAGE("skipped: no network namespaces with nftables here (apt install nftables)");
  return works;
}

std::vector<std::string> server_options(const std::string& keepalive) {
  return {"--listen", "10.78.2.2:0", "--keepalive", keepalive, "--idle-timeout", "0"};
}

// The verdicts on a silence far below the 4 s of the NAT and on one above.
void check_nat(const std::string& action, const std::string& verdict) {
  if (!has_nat()) return;
  const BehindNat machines(action);
  Echod echod(server_options("0"), {.prefix = machines.on_server()});
  const IdleRun idle =
      run_idle({"--gaps", "100ms,6s", "--timeout", "5s", echod.address()}, machines.on_client());
  CHECK(idle.status == 0);
  CHECK(idle.verdict(0) == "alive");
  CHECK(idle.verdict(1) == verdict);
  CHECK(idle.target().at("longest_alive_s") == 0.1);
  CHECK(idle.target().at("shortest_dead_s").get<double>() >= 6);
  if (verdict == "no_answer") CHECK(idle.target().at("gaps").at(1).at("acknowledged") == false);
}

TEST_CASE("a NAT that drops what it has forgotten gives no answer") {
  check_nat("drop", "no_answer");
}

TEST_CASE("a NAT that resets what it has forgotten does so on speaking") {
  check_nat("reject with tcp reset", "reset_on_speaking");
}

TEST_CASE("keepalive from this side holds a connection through a NAT") {
  if (!has_nat()) return;
  const BehindNat machines("drop");
  Echod echod(server_options("0"), {.prefix = machines.on_server()});
  const IdleRun idle =
      run_idle({"--gaps", "6s", "--keepalive", "1s", echod.address()}, machines.on_client());
  CHECK(idle.status == 0);
  CHECK(idle.verdict(0) == "alive");
}

TEST_CASE("keepalive of the far end makes a NAT look patient and is seen") {
  if (!has_nat()) return;
  const BehindNat machines("drop");
  Echod echod(server_options("1s"), {.prefix = machines.on_server()});
  const IdleRun idle = run_idle({"--gaps", "6s", echod.address()}, machines.on_client());
  CHECK(idle.verdict(0) == "alive");
  CHECK(idle.target().at("gaps").at(0).at("segments_while_silent") > 0);
}

}  // namespace
}  // namespace echo::testing
