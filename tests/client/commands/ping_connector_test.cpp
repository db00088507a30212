#include "client/commands/ping_connector.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>

namespace echo {
namespace {

std::vector<Endpoint> endpoint(int number) {
  return endpoints_to_connect(
      Address::parse(fmt::format("127.0.{}.{}:7", number / 200, number % 200 + 1)));
}

TEST_CASE("a name that moves a thousand times is remembered by its last addresses") {
  Route route(endpoint(0));
  for (int number = 1; number <= 1000; ++number) {
    route.failed(*route.next({}), "gone");
    update_route(route, endpoint(number));
    const std::array first{*route.next({})};
    CHECK(route.endpoint(first.front()) == endpoint(number).front());
    CHECK_FALSE(route.next(first));
  }
  CHECK(route.uses().size() <= 64);
  CHECK(route.tried().size() < 5000);
}

TEST_CASE("what became of the address before is known after a name has moved") {
  Route route(endpoint(1));
  route.failed(*route.next({}), "gone");
  update_route(route, endpoint(2));
  CHECK(route.tried() == "tried 127.0.0.2:7 (gone)");
}

}  // namespace
}  // namespace echo
