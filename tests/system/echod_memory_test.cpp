#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <vector>

#include "tests/support/eventually.h"
#include "tests/support/process.h"
#include "tests/support/root.h"
#include "tests/support/socket.h"
#include "tests/support/temporary_folder.h"
#include "tests/system/clients.h"
#include "tests/system/echod.h"

namespace echo::testing {
namespace {

// A control group of the test's own with so much memory; removed when nothing runs in it any more.
class MemoryGroup {
 public:
  explicit MemoryGroup(std::size_t bytes) {
    std::error_code error;
    if (!std::filesystem::exists(folder_.parent_path() / "memory.limit_in_bytes", error)) return;
    made_ = std::filesystem::create_directory(folder_, error);
    std::ofstream limit(folder_ / "memory.limit_in_bytes");
    limit << bytes << std::flush;
    works_ = made_ && limit.good();
  }
  ~MemoryGroup() {
    if (made_) eventually([&] { return ::rmdir(folder_.c_str()) == 0; });
  }
  MemoryGroup(const MemoryGroup&) = delete;
  MemoryGroup& operator=(const MemoryGroup&) = delete;

  bool works() const { return works_; }
  // In front of a command, which runs in the group.
  std::vector<std::string> prefix() const {
    return {"sh", "-c", "echo $$ >\"$0\" && exec \"$@\"", folder_ / "cgroup.procs"};
  }

 private:
  const std::filesystem::path folder_ =
      "/sys/fs/cgroup/memory/echod-test-" + std::to_string(::getpid());
  bool made_ = false;
  bool works_ = false;
};

TEST_CASE("clients that fill every buffer do not exceed the memory of the control group") {
  if (!is_root()) return;
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
  MESSAGE("skipped: the sanitizer needs more memory");
  return;
#endif
  const MemoryGroup group(std::size_t{64} << 20);
  if (!group.works()) {
    MESSAGE("skipped: no memory controller here");
    return;
  }
  Echod echod({"--listen", "127.0.0.1:0", "--heartbeat", "0"}, {.prefix = group.prefix()});
  echod.wait_for_log("max-connections lowered from 10000 to 204: at most 64M of memory");
  // More than may be served at once; each keeps its buffer full, because it reads nothing.
  std::vector<Socket> clients;
  const std::string chunk(256 * 1024, 'x');
  for (int i = 0; i < 600; ++i) {
    clients.push_back(Socket::connect(echod.address()));
    for (int sends = 0; sends < 16; ++sends) {
      ::send(clients.back().descriptor(), chunk.data(), chunk.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    }
  }
  clients.erase(clients.begin(), clients.begin() + 400);
  Socket client = Socket::connect(echod.address());
  CHECK(echoes(client));
}

}  // namespace
}  // namespace echo::testing
