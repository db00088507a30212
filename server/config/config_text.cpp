#include "server/config/config_text.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>

#include "common/descriptor.h"
#include "common/error_text.h"
#include "common/usage_error.h"

namespace echo {
namespace {

constexpr std::size_t kLongestFile = 1024 * 1024;

[[noreturn]] void refuse(const std::string& file, std::string_view why) {
  throw UsageError(fmt::format("configuration file {}: {}", file, why));
}

// Checked before anything is read: a device or a pipe never ends, and may not even open in time.
Descriptor open_regular(const std::string& file) {
  Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!descriptor) refuse(file, error_text(errno));
  struct stat status {};
  if (::fstat(descriptor.get(), &status) != 0) refuse(file, error_text(errno));
  if (S_ISDIR(status.st_mode)) refuse(file, "is a directory, not a file");
  if (!S_ISREG(status.st_mode)) refuse(file, "is not a regular file");
  return descriptor;
}

}  // namespace

std::string read_config_text(const std::string& file) {
  const Descriptor descriptor = open_regular(file);
  std::string text(kLongestFile + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = ::read(descriptor.get(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) refuse(file, error_text(errno));
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > kLongestFile) refuse(file, "is longer than 1 MiB");
  text.resize(size);
  return text;
}

}  // namespace echo
