#include "common/listening/listening_socket.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "common/connect.h"
#include "tests/support/temporary_folder.h"

#ifndef SO_PASSRIGHTS
#define SO_PASSRIGHTS 83
#endif

namespace echo {
namespace {

// The umask of the test's process, which has one thread.
class Umask {
 public:
  explicit Umask(mode_t mask) : before_(::umask(mask)) {}
  Umask(const Umask&) = delete;
  Umask& operator=(const Umask&) = delete;
  ~Umask() { ::umask(before_); }

 private:
  const mode_t before_;
};

mode_t mode_of_socket(std::optional<mode_t> asked) {
  const testing::TemporaryFolder folder;
  const std::string path = folder.file("socket");
  const auto sockets = open_sockets(find_targets({Address::parse("unix:" + path)}), 1, asked);
  struct stat status {};
  REQUIRE(::lstat(path.c_str(), &status) == 0);
  CHECK(S_ISSOCK(status.st_mode));
  return status.st_mode & 07777U;
}

TEST_CASE("a unix socket has the mode that was asked for whatever the umask is") {
  const Umask mask(0077);
  CHECK(mode_of_socket(0660) == 0660);
  CHECK(mode_of_socket(0777) == 0777);
  CHECK(mode_of_socket(0600) == 0600);
  CHECK(::umask(0077) == 0077);
}

TEST_CASE("a unix socket can be written by all that the umask lets") {
  for (const mode_t mask : {0000U, 0002U, 0022U, 0077U}) {
    const Umask masked(mask);
    CHECK(mode_of_socket({}) == (0666U & ~mask));
  }
}

TEST_CASE("an abstract unix socket has no mode and listens all the same") {
  const auto sockets = open_sockets(find_targets({Address::parse("unix:@echod-mode-test")}), 1,
                                    std::optional<mode_t>(0600));
  CHECK(sockets.front().address() == "unix:@echod-mode-test");
}

TEST_CASE("an abstract unix socket leaves files of its name alone") {
  const testing::TemporaryFolder folder;
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  const std::string name = "@echod-" + std::to_string(::getpid());
  for (const bool is_socket : {false, true}) {
    if (is_socket) {
      std::filesystem::remove(name);
      ::mknod(name.c_str(), S_IFSOCK | 0600U, 0);
    } else {
      std::ofstream(name) << "precious";
    }
    const auto targets = find_targets({Address::parse("unix:" + name)});
    const DirectoryLocks locks({&targets});
    open_sockets(targets, 1);
    CHECK(std::filesystem::exists(name));
  }
  std::filesystem::current_path(before);
}

// The result of passing a descriptor with a byte: 0, or the errno.
int error_of_passing(int socket, int passed) {
  char byte = 'x';
  iovec bytes{&byte, 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof passed)> control{};
  msghdr message{};
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  cmsghdr* const header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof passed);
  std::memcpy(CMSG_DATA(header), &passed, sizeof passed);
  return ::sendmsg(socket, &message, MSG_NOSIGNAL) == 1 ? 0 : errno;
}

TEST_CASE("a descriptor that a client passes is refused before and after it is accepted") {
  const testing::TemporaryFolder folder;
  const auto sockets =
      open_sockets(find_targets({Address::parse("unix:" + folder.file("socket"))}), 1);
  const int listener = sockets.front().descriptor();
  if (int value = 0; ::setsockopt(listener, SOL_SOCKET, SO_PASSRIGHTS, &value, sizeof value) != 0) {
    MESSAGE("skipped: needs Linux 6.16");
    return;
  }
  const Descriptor client = start_connect(sockets.front().endpoint()).socket;
  REQUIRE(client);
  CHECK(error_of_passing(client.get(), listener) == EPERM);
  const Descriptor accepted(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
  CHECK(error_of_passing(client.get(), listener) == EPERM);
  CHECK(error_of_passing(accepted.get(), listener) == EPERM);
  CHECK(::send(client.get(), "y", 1, MSG_NOSIGNAL) == 1);
}

TEST_CASE("an IPv4 address that is written as an IPv6 one is listened on as what it is") {
  const auto sockets = open_sockets(find_targets({Address::parse("[::ffff:127.0.0.1]:0")}), 1);
  CHECK(sockets.front().endpoint().protocol().family() == AF_INET);
}

}  // namespace
}  // namespace echo
