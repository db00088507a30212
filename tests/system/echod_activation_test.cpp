#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/listening/listening_socket.h"
#include "tests/support/process.h"
#include "tests/support/socket.h"
#include "tests/support/temporary_folder.h"
#include "tests/system/clients.h"

namespace echo::testing {
namespace {

std::vector<std::string> whole_lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0, end = 0; (end = text.find('\n', begin)) != text.npos;
       begin = end + 1) {
    lines.push_back(text.substr(begin, end - begin));
  }
  return lines;
}

// A shell that goes on as echod with the descriptor as the first that is passed on.
std::vector<std::string> activated(int descriptor, const std::vector<std::string>& options) {
  std::vector<std::string> words{"sh",
                                 "-c",
                                 "fd=$1; shift; [ $fd = 3 ] || eval \"exec 3<&$fd $fd<&-\"; "
                                 "LISTEN_FDS=1 LISTEN_PID=$$ exec \"$@\"",
                                 "sh",
                                 std::to_string(descriptor),
                                 ECHOD_PATH};
  words.insert(words.end(), options.begin(), options.end());
  return words;
}

// A socket that the service manager listens on and passes to one echod after another.
class PassedSocket {
 public:
  explicit PassedSocket(const std::string& address)
      : socket_(std::move(open_sockets(find_targets({Address::parse(address)}), 16).front())),
        // The shell knows descriptors of one digit only, and this one survives exec.
        passed_(::fcntl(socket_.descriptor(), F_DUPFD, 3)) {
    REQUIRE(passed_.get() < 10);
  }

  std::string address() const { return socket_.address(); }
  int descriptor() const { return passed_.get(); }

 private:
  ListeningSocket socket_;
  Descriptor passed_;
};

TEST_CASE("an inherited socket takes the place of the default address and outlives echod") {
  const TemporaryFolder folder;
  for (const std::string& listen : {std::string("127.0.0.1:0"), "unix:" + folder.file("socket")}) {
    CAPTURE(listen);
    const PassedSocket passed(listen);
    std::optional<Socket> waiting;
    // The second one serves who came after the first had stopped.
    for (int start = 0; start < 2; ++start) {
      Process echod(activated(passed.descriptor(), {"--port-file", folder.file("port")}));
      echod.wait_for_error("listening on " + passed.address());
      CHECK(whole_lines_of(read_file(folder.file("port"))) ==
            std::vector<std::string>{passed.address()});
      if (waiting) CHECK(echoes(*waiting));
      waiting = Socket::connect(passed.address());
      CHECK(echoes(*waiting));
      waiting.reset();
      echod.signal(SIGTERM);
      CHECK(echod.wait() == 0);
      waiting = Socket::connect(passed.address());
    }
  }
}

TEST_CASE("with --listen both that address and the inherited socket are served") {
  const TemporaryFolder folder;
  const PassedSocket passed("127.0.0.1:0");
  Process echod(activated(passed.descriptor(), {"--listen", "unix:" + folder.file("socket"),
                                                "--port-file", folder.file("port")}));
  wait_for_line(folder.file("port"), "unix:");
  const auto addresses = whole_lines_of(read_file(folder.file("port")));
  CHECK(addresses == std::vector<std::string>{passed.address(), "unix:" + folder.file("socket")});
  for (const std::string& address : addresses) {
    Socket client = Socket::connect(address);
    CHECK(echoes(client));
  }
  echod.signal(SIGTERM);
  CHECK(echod.wait() == 0);
  CHECK_FALSE(std::filesystem::exists(folder.file("socket")));
}

TEST_CASE("a daemon serves an inherited socket too") {
  const TemporaryFolder folder;
  const PassedSocket passed("127.0.0.1:0");
  const Finished start =
      run_program(activated(passed.descriptor(), {"-D", "--pid-file", folder.file("pid"),
                                                  "--log-file", folder.file("log")}));
  CHECK(start.status == 0);
  Socket client = Socket::connect(passed.address());
  CHECK(echoes(client));
  ::kill(std::stoi(read_file(folder.file("pid"))), SIGTERM);
  wait_for_line(folder.file("log"), "stopped: 1 served");
}

TEST_CASE("an inherited descriptor that does not listen for streams is refused") {
  for (const int type : {SOCK_STREAM, SOCK_DGRAM}) {
    const Descriptor socket(::socket(AF_INET, type, 0));
    REQUIRE(socket.get() < 10);
    const Finished run = run_program(activated(socket.get(), {}));
    CHECK(run.status == 1);
    CHECK(run.errors ==
          "echod: descriptor 3 from the service manager is not a listening stream socket\n");
  }
}

TEST_CASE("systemd-socket-activate starts it at the first connection") {
  if (run_program({"sh", "-c", "command -v systemd-socket-activate"}).status != 0) {
    MESSAGE("skipped: needs systemd-socket-activate of the package systemd");
    return;
  }
  const TemporaryFolder folder;
  const std::vector<std::string> paths{folder.file("one"), folder.file("two")};
  Process manager({"systemd-socket-activate", "-l", paths[0], "-l", paths[1], ECHOD_PATH,
                   "--port-file", folder.file("port")});
  manager.wait_for_error("Listening on " + paths[1]);
  Socket first = Socket::connect("unix:" + paths[0]);
  CHECK(echoes(first));
  Socket second = Socket::connect("unix:" + paths[1]);
  CHECK(echoes(second));
  CHECK(whole_lines_of(read_file(folder.file("port"))) ==
        std::vector<std::string>{"unix:" + paths[0], "unix:" + paths[1]});
  manager.signal(SIGTERM);
  CHECK(first.receive_until_end().empty());
  CHECK(second.receive_until_end().empty());
  CHECK(manager.wait() == 0);
  for (const std::string& path : paths) CHECK(std::filesystem::exists(path));
}

}  // namespace
}  // namespace echo::testing
