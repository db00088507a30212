#include "common/console.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <string>

#include "common/descriptor.h"
#include "common/thread.h"
#include "tests/common/pipe.h"

namespace echo {
namespace {

using testing::Pipe;

TEST_CASE("control characters are shown and not obeyed") {
  CHECK(printable("plain text") == "plain text");
  CHECK(printable("two\nlines\x1b[2J\x7f") == "two\\x0alines\\x1b[2J\\x7f");
  CHECK(printable(std::string(1, '\0')) == "\\x00");
}

TEST_CASE("the control characters beyond ASCII are shown and other letters stay") {
  CHECK(printable("\xc2\x9b"
                  "2J") == "\\xc2\\x9b2J");
  CHECK(printable("gr\xc3\xbc\xc3\x9f"
                  "e \xc2\xa7") ==
        "gr\xc3\xbc\xc3\x9f"
        "e \xc2\xa7");
  CHECK(printable("\xc2") == "\xc2");
}

// Standard output is `replacement` while this lives.
class StandardOutput {
 public:
  explicit StandardOutput(int replacement) { ::dup2(replacement, STDOUT_FILENO); }
  StandardOutput(const StandardOutput&) = delete;
  StandardOutput& operator=(const StandardOutput&) = delete;
  ~StandardOutput() { ::dup2(before_.get(), STDOUT_FILENO); }

 private:
  const Descriptor before_{::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)};
};

TEST_CASE("text larger than a non-blocking pipe arrives in full") {
  const Pipe pipe;
  ::fcntl(pipe.in.get(), F_SETFL, O_NONBLOCK);
  const std::string text(1 << 20, 'x');
  std::size_t received = 0;
  Thread reader("reader", [&] {
    std::array<char, 4096> bytes{};
    while (received < text.size()) {
      received += static_cast<std::size_t>(::read(pipe.out.get(), bytes.data(), bytes.size()));
    }
  });
  bool printed = false;
  {
    const StandardOutput output(pipe.in.get());
    printed = print(text);
  }
  reader.join();
  CHECK(printed);
  CHECK(received == text.size());
}

TEST_CASE("a full device and a closed pipe cost the text and nothing else") {
  const Descriptor full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  Pipe pipe;
  pipe.out.reset();
  bool printed_to_full = true;
  bool printed_to_closed = true;
  {
    const StandardOutput output(full.get());
    printed_to_full = print("text");
  }
  {
    const StandardOutput output(pipe.in.get());
    printed_to_closed = print("text");
  }
  CHECK_FALSE(printed_to_full);
  CHECK_FALSE(printed_to_closed);
}

TEST_CASE("a reader that takes nothing is waited for until the interrupt") {
  const Pipe pipe;
  WakeEvent interrupt;
  interrupt.signal();
  const std::string text(1 << 20, 'x');
  bool printed = true;
  {
    const StandardOutput output(pipe.in.get());
    printed = print(text, interrupt.descriptor());
  }
  CHECK_FALSE(printed);
}

}  // namespace
}  // namespace echo
