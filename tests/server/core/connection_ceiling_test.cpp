#include "server/core/connection_ceiling.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>

#include "tests/support/descriptor_limit.h"
#include "tests/support/fake_root.h"

namespace echo {
namespace {

using testing::DescriptorLimit;

class System : public testing::FakeRoot {
 public:
  ConnectionCeiling ceiling() const { return ConnectionCeiling::of_this_process(path()); }
};

bool names(const ConnectionCeiling& ceiling, const std::string& limit) {
  CAPTURE(ceiling.reason);
  return ceiling.reason.find(limit) != std::string::npos;
}

TEST_CASE("open files leave room for what is no connection") {
  const DescriptorLimit limit(64);
  const ConnectionCeiling ceiling = ConnectionCeiling::of_this_process();
  CHECK(ceiling.connections > 20);
  CHECK(ceiling.connections <= 64 - 3 - 8);
  CHECK(names(ceiling, "at most 64 open files (RLIMIT_NOFILE)"));
}

TEST_CASE("one connection is always tried") {
  const System system;
  const DescriptorLimit limit(4);
  CHECK(system.ceiling().connections == 1);
}

TEST_CASE("the limits of the kernel hold with room for other threads") {
  const System system;
  system.write("proc/sys/kernel/threads-max", "300");
  system.write("proc/sys/kernel/pid_max", "400");
  CHECK(system.ceiling().connections == 292);
  CHECK(names(system.ceiling(), "at most 300 threads (kernel.threads-max)"));
  system.write("proc/sys/kernel/pid_max", "200");
  CHECK(system.ceiling().connections == 192);
  CHECK(names(system.ceiling(), "kernel.pid_max"));
}

TEST_CASE("threads that others have already are left out") {
  const System system;
  system.write("proc/loadavg", "0.20 0.18 0.12 3/80 11206");
  system.write("proc/sys/kernel/threads-max", "300");
  CHECK(system.ceiling().connections == 300 - 80 - 8);
  system.write("proc/self/cgroup", "0::/a");
  system.write("sys/fs/cgroup/a/pids.max", "100");
  system.write("sys/fs/cgroup/a/pids.current", "30");
  CHECK(system.ceiling().connections == 100 - 30 - 8);
}

TEST_CASE("the lowest limit on the way to a control group holds") {
  const System system;
  system.write("proc/self/cgroup", "0::/a/b/c");
  system.write("sys/fs/cgroup/a/pids.max", "max");
  system.write("sys/fs/cgroup/a/b/pids.max", "100");
  system.write("sys/fs/cgroup/a/b/c/pids.max", "150");
  system.write("sys/fs/cgroup/other/pids.max", "50");
  CHECK(system.ceiling().connections == 92);
  CHECK(names(system.ceiling(), "at most 100 threads (pids.max of the control group)"));
}

TEST_CASE("control groups of version 1 are understood") {
  const System system;
  system.write("proc/self/cgroup", "9:name=systemd:/x\n8:pids:/a\n7:cpu,cpuacct:/x\n0::/x");
  system.write("sys/fs/cgroup/pids/a/pids.max", "100");
  system.write("sys/fs/cgroup/x/pids.max", "50");
  CHECK(system.ceiling().connections == 92);
}

TEST_CASE("the group of a container that sees only itself is its root") {
  const System system;
  system.write("proc/self/cgroup", "0::/");
  system.write("sys/fs/cgroup/pids.max", "100");
  CHECK(system.ceiling().connections == 92);
}

TEST_CASE("half of the memory of a control group is for connections") {
  const System system;
  system.write("proc/self/cgroup", "0::/a/b");
  system.write("sys/fs/cgroup/a/memory.max", "67108864");
  system.write("sys/fs/cgroup/a/b/memory.max", "max");
  // Each a buffer of 128 KiB, 32 KiB of its thread and 256 KiB of its socket.
  CHECK(system.ceiling().connections == 64 * 1024 / 2 / (128 + 32 + 256));
  CHECK(names(system.ceiling(), "at most 64M of memory (memory.max of the control group)"));
}

TEST_CASE("version 1 of control groups does not count the memory of sockets") {
  const System system;
  system.write("proc/self/cgroup", "4:memory:/a");
  system.write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712");
  const std::size_t unlimited = system.ceiling().connections;
  system.write("sys/fs/cgroup/memory/a/memory.limit_in_bytes", "67108864");
  CHECK(system.ceiling().connections < unlimited);
  CHECK(system.ceiling().connections == 64 * 1024 / 2 / (128 + 32));
}

TEST_CASE("with next to no memory one connection is tried") {
  const System system;
  system.write("sys/fs/cgroup/memory.max", "1000");
  CHECK(system.ceiling().connections == 1);
}

}  // namespace
}  // namespace echo
