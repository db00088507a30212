#include "client/results/text.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

namespace echo {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

TEST_CASE("a short time has three digits and changes its unit where they would be four") {
  const std::vector<std::pair<nanoseconds, std::string>> examples{
      {0ns, "0.00us"},       {1ns, "0.00us"},      {5ns, "0.01us"},     {9'994ns, "9.99us"},
      {9'995ns, "10.0us"},   {99'949ns, "99.9us"}, {99'950ns, "100us"}, {999'499ns, "999us"},
      {999'500ns, "1.00ms"}, {9'994us, "9.99ms"},  {99'950us, "100ms"}, {999'499'999ns, "999ms"},
      {999'500us, "1.00s"},  {9'994ms, "9.99s"},   {9'995ms, "10.0s"},  {99'950ms, "100s"},
      {1h, "3600s"},
  };
  for (const auto& [time, text] : examples) {
    CHECK(short_text(time) == text);
  }
}

TEST_CASE("a span has two units at most") {
  const std::vector<std::pair<nanoseconds, std::string>> examples{
      {-5s, "0.0 s"},      {9'340ms, "9.3 s"}, {9'949ms, "9.9 s"},
      {9'950ms, "10 s"},   {59'499ms, "59 s"}, {59'500ms, "1 min"},
      {245s, "4 min 5 s"}, {1h, "1 h"},        {129'599s, "35 h 59 min"},
      {100h, "4 d 4 h"},
  };
  for (const auto& [time, text] : examples) {
    CHECK(span_text(time) == text);
  }
}

TEST_CASE("digits are grouped by three from the end") {
  CHECK(grouped(std::uint64_t{0}) == "0");
  CHECK(grouped(std::uint64_t{999}) == "999");
  CHECK(grouped(std::uint64_t{1'000}) == "1,000");
  CHECK(grouped(std::uint64_t{123'456}) == "123,456");
  CHECK(grouped(18'446'744'073'709'551'615U) == "18,446,744,073,709,551,615");
  CHECK(grouped(1234.56, 1) == "1,234.6");
  CHECK(grouped(999.96, 1) == "1,000.0");
}

TEST_CASE("a short number has three digits and a factor") {
  CHECK(short_number(0) == "0");
  CHECK(short_number(0.5) == "0.50");
  CHECK(short_number(999.4) == "999");
  CHECK(short_number(999.5) == "1.00k");
  CHECK(short_number(12'345) == "12.3k");
  CHECK(short_number(1e9) == "1.00G");
}

TEST_CASE("a count has no decimals below a thousand") {
  CHECK(short_count(0) == "0");
  CHECK(short_count(999) == "999");
  CHECK(short_count(1'000) == "1.00k");
}

TEST_CASE("a number has as many digits as it needs") {
  CHECK(number_text(0.5) == "0.5");
  CHECK(number_text(1000) == "1,000");
  CHECK(number_text(1234.25) == "1,234.25");
}

TEST_CASE("one thing is not counted as several") {
  CHECK(counted(1, "message") == "1 message");
  CHECK(counted(2'000, "message") == "2,000 messages");
  CHECK(counted(0, "message was", "messages were") == "0 messages were");
}

TEST_CASE("a part is never shown as nothing and never as all") {
  CHECK(percent_text(0) == "0 %");
  CHECK(percent_text(1) == "100 %");
  CHECK(percent_text(0.051) == "5.1 %");
  CHECK(percent_text(0.74) == "74 %");
  CHECK(percent_text(0.000'001) == "0.0001 %");
  CHECK(percent_text(0.999'96) == "99.996 %");
  CHECK(percent_text(0.998'99) == "99.9 %");
  CHECK(percent_text(1.05) == "105 %");
}

TEST_CASE("throughput is in bytes and bits with the unit that fits") {
  CHECK(throughput_text(64'000) == "64.0 kB/s (512 kbit/s)");
  CHECK(throughput_text(1.28e6) == "1.28 MB/s (10.2 Mbit/s)");
  CHECK(throughput_text(2.5e9) == "2.50 GB/s (20.0 Gbit/s)");
  CHECK(throughput_text(12) == "12.0 B/s (96.0 bit/s)");
}

}  // namespace
}  // namespace echo
