#include "client/results/saved_text.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <stdexcept>

#include "common/descriptor.h"
#include "common/error_text.h"

namespace echo {
namespace {

// A result has some hundred KiB; a day's intervals of a second, some hundred MiB.
constexpr std::size_t kMost = std::size_t{1} << 30;

std::string read_all(int file) {
  struct stat status {};
  const bool is_too_large = ::fstat(file, &status) == 0 && S_ISREG(status.st_mode) &&
                            static_cast<std::size_t>(status.st_size) > kMost;
  std::string text;
  std::array<char, 65536> chunk{};
  while (!is_too_large && text.size() <= kMost) {
    const ssize_t count = ::read(file, chunk.data(), chunk.size());
    if (count == 0) return text;
    if (count > 0) {
      text.append(chunk.data(), static_cast<std::size_t>(count));
    } else if (errno != EINTR) {
      throw std::runtime_error(error_text(errno));
    }
  }
  throw std::runtime_error("larger than 1 GiB, and so no result of load");
}

}  // namespace

std::string read_saved_text(const std::string& path) try {
  if (path == "-") return read_all(STDIN_FILENO);
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) throw std::runtime_error(error_text(errno));
  return read_all(file.get());
} catch (const std::runtime_error& error) {
  throw std::runtime_error(
      fmt::format("cannot read {}: {}", path == "-" ? "standard input" : path, error.what()));
}

}  // namespace echo
