#pragma once

#include <sys/resource.h>

namespace echo::testing {

// The limit on open files that the test program was started with; a login has a soft one of 1024.
// The programs that a test starts get it too.
inline const rlimit& inherited_descriptor_limit() {
  static const rlimit inherited = [] {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    return limit;
  }();
  return inherited;
}

// For the clients' ends of thousands of connections, which the test program itself holds.
inline void raise_own_descriptor_limit() {
  rlimit limit = inherited_descriptor_limit();
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

// As many of the wanted connections as one process can hold under the hard limit.
inline int connections_within_limit(int wanted) {
  const rlim_t most = inherited_descriptor_limit().rlim_max;
  return most < static_cast<rlim_t>(wanted) + 100 ? static_cast<int>(most) - 100 : wanted;
}

// Lowers the soft limit of this process for as long as it lives. Descriptors that are open stay
// usable, no number at or above the limit is to be had.
class DescriptorLimit {
 public:
  explicit DescriptorLimit(rlim_t soft) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit lower{soft, before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &lower);
  }
  DescriptorLimit(const DescriptorLimit&) = delete;
  DescriptorLimit& operator=(const DescriptorLimit&) = delete;
  ~DescriptorLimit() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

}  // namespace echo::testing
