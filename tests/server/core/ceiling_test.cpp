#include "server/core/ceiling.h"

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <cstdint>
#include <string>

#include "tests/support/fake_root.h"

namespace echo {
namespace {

class System : public testing::FakeRoot {
 public:
  Ceiling ceiling() const { return Ceiling::of_this_process(path()); }
};

struct DescriptorLimit {
  rlimit before{};
  explicit DescriptorLimit(rlim_t soft) {
    ::getrlimit(RLIMIT_NOFILE, &before);
    const rlimit limit{soft, before.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
  ~DescriptorLimit() { ::setrlimit(RLIMIT_NOFILE, &before); }
};

bool names(const Ceiling& ceiling, const std::string& limit) {
  CAPTURE(ceiling.reason);
  return ceiling.reason.find(limit) != std::string::npos;
}

TEST_CASE("open files leave room for what is no connection") {
  const DescriptorLimit limit(64);
  const Ceiling ceiling = Ceiling::of_this_process();
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

TEST_CASE("all descriptors that the process may have are taken") {
  const DescriptorLimit limit(64);
  raise_descriptor_limit();
  rlimit now{};
  ::getrlimit(RLIMIT_NOFILE, &now);
  CHECK(now.rlim_cur == now.rlim_max);
  CHECK(now.rlim_cur > 64);
}

}  // namespace
}  // namespace echo
