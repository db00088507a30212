#include "server/core/buffer.h"

#include <doctest/doctest.h>
#include <sys/resource.h>

namespace echo {
namespace {

void receive(Buffer& buffer, std::size_t count) {
  REQUIRE(buffer.space().size() >= count);
  buffer.received(count);
}

Buffer& make_large(Buffer& buffer) {
  receive(buffer, Buffer::kSmall);
  REQUIRE(buffer.space().size() == Buffer::kLarge);
  return buffer;
}

TEST_CASE("small messages have a small buffer") {
  Buffer buffer;
  for (int i = 0; i < 1000; ++i) receive(buffer, Buffer::kSmall - 1);
  CHECK(buffer.space().size() == Buffer::kSmall);
}

TEST_CASE("who fills the small buffer gets a large one") {
  Buffer buffer;
  receive(buffer, Buffer::kSmall);
  CHECK(buffer.space().size() == Buffer::kLarge);
}

TEST_CASE("the large buffer is given back after many receives that have no need of it") {
  Buffer buffer;
  make_large(buffer);
  for (int i = 0; i < 63; ++i) receive(buffer, 1);
  receive(buffer, Buffer::kSmall + 1);
  for (int i = 0; i < 63; ++i) receive(buffer, 1);
  CHECK(buffer.space().size() == Buffer::kLarge);
  receive(buffer, Buffer::kSmall);
  CHECK(buffer.space().size() == Buffer::kSmall);
}

TEST_CASE("the large buffer is given back when nothing comes and comes again with the stream") {
  Buffer buffer;
  make_large(buffer).release_large();
  CHECK(buffer.space().size() == Buffer::kSmall);
  CHECK(make_large(buffer).space().size() == Buffer::kLarge);
}

TEST_CASE("without memory for a large buffer the small one has to do") {
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_AS, &before) == 0);
  Buffer buffer;
  receive(buffer, Buffer::kSmall);
  const rlimit none{1, before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_AS, &none) == 0);
  const std::size_t size = buffer.space().size();
  ::setrlimit(RLIMIT_AS, &before);
  CHECK(size == Buffer::kSmall);
}

}  // namespace
}  // namespace echo
