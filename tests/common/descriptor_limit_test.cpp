#include "common/descriptor_limit.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>

#include <vector>

#include "common/descriptor.h"
#include "tests/support/descriptor_limit.h"

namespace echo {
namespace {

using testing::DescriptorLimit;

TEST_CASE("all descriptors that the process may have are taken") {
  const DescriptorLimit limit(64);
  raise_descriptor_limit();
  rlimit now{};
  ::getrlimit(RLIMIT_NOFILE, &now);
  CHECK(now.rlim_cur == now.rlim_max);
  CHECK(now.rlim_cur > 64);
}

TEST_CASE("every open descriptor is counted") {
  const auto before = open_descriptors();
  const Descriptor one(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  REQUIRE(before);
  CHECK(open_descriptors() == *before + 1);
  CHECK_FALSE(open_descriptors("/nonexistent"));
}

TEST_CASE("without a free descriptor as many are open as there may be") {
  const DescriptorLimit limit(64);
  std::vector<Descriptor> held;
  do {
    held.emplace_back(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  } while (held.back());
  CHECK(open_descriptors() == 64U);
}

}  // namespace
}  // namespace echo
