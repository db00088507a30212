// Texts that users write: durations, sizes, counts, addresses, blocks of them. What is accepted is
// written back so that it reads the same; what is refused is refused with the text quoted.
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "common/address.h"
#include "common/units.h"
#include "server/core/access_list.h"
#include "tests/fuzz/expect.h"

namespace {

using echo::Address;
using echo::Cidr;
using echo::testing::expect;

template <typename Check>
void accepted_or_refused(std::string_view text, Check check) {
  try {
    check(text);
  } catch (const std::invalid_argument& refusal) {
    const std::string start = "'" + std::string(text) + "' is not a";
    expect(std::string_view(refusal.what()).starts_with(start.c_str()));  // as far as a zero byte
  }
}

void check_duration(std::string_view text) {
  const auto duration = echo::parse_duration(text);
  expect(duration >= duration.zero() && duration <= std::chrono::hours(24 * 36'500));
  expect(echo::parse_duration(echo::duration_text(duration)) == duration);
}

void check_size(std::string_view text) {
  const std::uint64_t size = echo::parse_size(text);
  expect(echo::parse_size(std::to_string(size)) == size);
}

void check_count(std::string_view text) {
  const std::uint64_t count = echo::parse_count(text);
  expect(echo::parse_count(std::to_string(count)) == count);
}

void check_address(std::string_view text) {
  const Address address = Address::parse(text);
  const Address again = Address::parse(address.text());
  expect(again.host == address.host && again.port == address.port && again.path == address.path);
}

void check_cidr(std::string_view text) {
  const Cidr block = Cidr::parse(text);
  expect(Cidr::parse(block.text()) == block);
  expect(block.contains(block.first));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  accepted_or_refused(text, check_duration);
  accepted_or_refused(text, check_size);
  accepted_or_refused(text, check_count);
  accepted_or_refused(text, check_address);
  accepted_or_refused(text, check_cidr);
  return 0;
}
