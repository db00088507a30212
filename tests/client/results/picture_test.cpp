#include "client/results/picture.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>
#include <string>

namespace echo {
namespace {

using namespace std::chrono_literals;

std::uint64_t sum_of(const std::vector<PictureRow>& rows) {
  return std::accumulate(rows.begin(), rows.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const PictureRow& row) { return sum + row.count; });
}

// Rows that follow each other without a gap or an overlap, and hold every value.
void check_whole(const std::vector<PictureRow>& rows, const Histogram& times) {
  REQUIRE_FALSE(rows.empty());
  CHECK(rows.size() <= kPictureRows);
  CHECK(rows.front().from <= times.min());
  CHECK(rows.back().to >= times.max());
  for (std::size_t i = 1; i < rows.size(); ++i) {
    CHECK(rows[i].from == rows[i - 1].to);
    CHECK(rows[i].from < rows[i].to);
  }
  CHECK(sum_of(rows) == times.count());
}

TEST_CASE("a picture of nothing is empty") {
  CHECK(picture_rows(Histogram()).empty());
  CHECK(picture_text({}, true, 78).empty());
}

TEST_CASE("a picture of one value is one row that says it") {
  Histogram times;
  times.record(1ms);
  const auto rows = picture_rows(times);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].from == 1ms);
  CHECK(rows[0].to == 1ms);
  CHECK(rows[0].count == 1);
  CHECK(picture_text(rows, false, 40) == "           1.00ms  ###########  1  100 %\n");
}

TEST_CASE("a picture of values that read alike is one row") {
  Histogram times;
  for (int i = 0; i < 1000; ++i) times.record(12'341us);
  times.record(12'399us);
  const auto rows = picture_rows(times);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].from == 12'300us);
  CHECK(rows[0].to == 12'400us);
  CHECK(rows[0].count == 1001);
}

TEST_CASE("a picture of two values far apart has them in its first and last row") {
  Histogram times;
  times.record(1us);
  times.record(24h);
  const auto rows = picture_rows(times);
  check_whole(rows, times);
  REQUIRE(rows.size() == kPictureRows);
  CHECK(rows.front().count == 1);
  CHECK(rows.back().count == 1);
  // Each row is as many times as wide as the one before it.
  CHECK(rows[4].to > 200ms);
  CHECK(rows[4].to < 400ms);
}

TEST_CASE("a picture holds zero and times of less than a microsecond") {
  Histogram times;
  for (const auto time : {0ns, 1ns, 15ns, 999ns}) times.record(time);
  check_whole(picture_rows(times), times);
  Histogram zero;
  zero.record(0ns);
  CHECK(picture_rows(zero).size() == 1);
  CHECK(picture_rows(zero)[0].count == 1);
}

TEST_CASE("a thousand million values make a picture in which one of them is seen") {
  Histogram times;
  times.add_to(Histogram::kLayout.index(50'000), 999'999'999);
  times.record(40ms);
  const auto rows = picture_rows(times);
  check_whole(rows, times);
  CHECK(rows.front().count == 999'999'999);
  CHECK(rows.back().count == 1);
  const std::string text = picture_text(rows, true, 78);
  CHECK(text.find("999,999,999  99.9999999 %\n") != text.npos);
  CHECK(text.find("  ▏  ") != text.npos);
  CHECK(text.find("0.0000001 %\n") != text.npos);
}

TEST_CASE("each value of a picture is in the row whose range it is in") {
  Histogram times;
  for (int i = 1; i <= 1000; ++i) times.record(i * 1ms);
  const auto rows = picture_rows(times);
  check_whole(rows, times);
  for (const PictureRow& row : rows) {
    const auto wide = static_cast<double>((row.to - row.from) / 1ms);
    CAPTURE(row.from.count());
    CAPTURE(row.to.count());
    // The edge itself is known to a thousandth.
    CHECK(static_cast<double>(row.count) == doctest::Approx(wide).epsilon(0.01).scale(100));
  }
}

TEST_CASE("bars are as long as the counts say and in eighths of a column if the locale has them") {
  const std::vector<PictureRow> rows{
      {1ms, 2ms, 800}, {2ms, 4ms, 405}, {4ms, 8ms, 0}, {8ms, 16ms, 1}};
  CHECK(picture_text(rows, true, 43) ==
        " 1.00ms -  2.00ms  ██████████  800     66 %\n"
        " 2.00ms -  4.00ms  █████▏      405     34 %\n"
        " 4.00ms -  8.00ms                0      0 %\n"
        " 8.00ms -  16.0ms  ▏             1  0.083 %\n");
  CHECK(picture_text(rows, false, 43) ==
        " 1.00ms -  2.00ms  ##########  800     66 %\n"
        " 2.00ms -  4.00ms  #####       405     34 %\n"
        " 4.00ms -  8.00ms                0      0 %\n"
        " 8.00ms -  16.0ms  #             1  0.083 %\n");
}

}  // namespace
}  // namespace echo
