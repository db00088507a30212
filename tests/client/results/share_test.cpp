#include "client/results/share.h"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

namespace echo {
namespace {

TEST_CASE("a share is written as its part and the number of parts") {
  CHECK(Share::parse("2/3") == Share{2, 3});
  CHECK(Share::parse("1000000/1000000").text() == "1000000/1000000");
  for (const std::string text : {"", "/", "1", "1/", "/1", "0/1", "2/1", "1/0", "-1/2", "1/2/3",
                                 "1/ 2", "+1/2", "1/2k", "1/1000001", "1/99999999999999999999"}) {
    CHECK_THROWS_WITH_AS(Share::parse(text),
                         ("'" + text + "' is not a share such as 1/3, 2/3 or 3/3").c_str(),
                         std::invalid_argument);
  }
}

TEST_CASE("several shares are read as they were written") {
  CHECK(shares_text({{1, 3}, {3, 3}}) == "1/3, 3/3");
  CHECK(parse_shares("1/3, 3/3") == std::vector<Share>{{1, 3}, {3, 3}});
  CHECK_THROWS_AS(parse_shares(""), std::invalid_argument);
  CHECK_THROWS_AS(parse_shares("1/3, "), std::invalid_argument);
}

TEST_CASE("each share of a fleet that is missing is named") {
  CHECK(missing_shares({}) == "");
  CHECK(missing_shares({{1, 1}}) == "");
  CHECK(missing_shares({{1, 3}, {3, 3}}) == "share 2/3 is missing");
  CHECK(missing_shares({{2, 3}}) == "shares 1/3, 3/3 are missing");
  CHECK(missing_shares({{1, 3}, {2, 3}, {3, 3}, {3, 3}}) == "");
  CHECK(missing_shares({{1, 3}, {1, 2}}) == "");
  CHECK(missing_shares({{2, 1000000}}) ==
        "shares 1/1000000, 3/1000000, 4/1000000, 5/1000000, 6/1000000, 7/1000000, 8/1000000, "
        "9/1000000, 10/1000000, 11/1000000 and 999,989 more are missing");
}

}  // namespace
}  // namespace echo
