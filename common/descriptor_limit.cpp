#include "common/descriptor_limit.h"

#include <sys/resource.h>

#include <system_error>

namespace echo {

void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

std::uint64_t descriptor_limit() {
  rlimit limit{};
  return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : RLIM_INFINITY;
}

std::optional<std::uint64_t> open_descriptors(const std::filesystem::path& root) {
  std::error_code error;
  std::filesystem::directory_iterator entry(root / "proc/self/fd", error);
  std::uint64_t open = 0;
  for (; !error && entry != end(entry); entry.increment(error)) ++open;
  if (error == std::errc::too_many_files_open) return descriptor_limit();
  if (error || open == 0) return std::nullopt;
  return open - 1;  // without the directory itself
}

}  // namespace echo
