#include "common/allowed_cpus.h"

#include <doctest/doctest.h>
#include <sched.h>

#include "tests/support/fake_root.h"

namespace echo {
namespace {

TEST_CASE("the CPUs that a process may use are those of its affinity and of the lowest quota") {
  testing::FakeRoot root;
  cpu_set_t all;
  REQUIRE(::sched_getaffinity(0, sizeof all, &all) == 0);
  const auto count = static_cast<unsigned>(CPU_COUNT(&all));
  CHECK(allowed_cpus(root.path()) == count);
  root.write("proc/self/cgroup", "0::/a/b");
  root.write("sys/fs/cgroup/a/cpu.max", "max 100000");
  CHECK(allowed_cpus(root.path()) == count);
  root.write("sys/fs/cgroup/a/b/cpu.max", "1000000000 100000");
  CHECK(allowed_cpus(root.path()) == count);
  root.write("sys/fs/cgroup/a/cpu.max", "190000 100000");
  CHECK(allowed_cpus(root.path()) == 1);
  root.write("sys/fs/cgroup/a/cpu.max", "20000 100000");
  CHECK(allowed_cpus(root.path()) == 1);
}

TEST_CASE("a quota of cgroup version 1 counts wherever the kernel keeps it") {
  for (const std::string controllers : {"cpu", "cpu,cpuacct", "cpuacct,cpu"}) {
    CAPTURE(controllers);
    testing::FakeRoot root;
    root.write("proc/self/cgroup", "5:memory:/m\n4:" + controllers + ":/a\n0::/other");
    root.write("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1");
    root.write("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000");
    root.write("sys/fs/cgroup/cpu/a/cpu.cfs_quota_us", "-1");
    root.write("sys/fs/cgroup/cpu/a/cpu.cfs_period_us", "100000");
    const unsigned without = allowed_cpus(root.path());
    CHECK(without == allowed_cpus(testing::FakeRoot().path()));
    root.write("sys/fs/cgroup/cpu/a/cpu.cfs_quota_us", "150000");
    CHECK(allowed_cpus(root.path()) == 1);
  }
}

TEST_CASE("one CPU in the affinity is one that a process may use") {
  cpu_set_t before;
  REQUIRE(::sched_getaffinity(0, sizeof before, &before) == 0);
  cpu_set_t one;
  CPU_ZERO(&one);
  for (std::size_t i = 0; i < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++i) {
    if (CPU_ISSET(i, &before)) CPU_SET(i, &one);
  }
  REQUIRE(::sched_setaffinity(0, sizeof one, &one) == 0);
  CHECK(allowed_cpus() == 1);
  CHECK(::sched_setaffinity(0, sizeof before, &before) == 0);
}

}  // namespace
}  // namespace echo
