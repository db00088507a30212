#include <doctest/doctest.h>
#include <zlib.h>

#include <algorithm>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "client/results/base64.h"
#include "client/results/hgrm.h"
#include "client/results/histogram_codec.h"
#include "client/results/hlog.h"
#include "client/results/wall_clock.h"

namespace echo {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

Histogram random_histogram(unsigned seed, int count) {
  std::mt19937_64 random(seed);
  std::lognormal_distribution<double> value(12, 3);
  Histogram histogram;
  for (int i = 0; i < count; ++i) {
    histogram.record(nanoseconds(static_cast<std::int64_t>(value(random))));
  }
  return histogram;
}

TEST_CASE("a time is written to the millisecond that it is in") {
  const auto at = [](std::chrono::milliseconds since_1970) {
    return rfc3339(std::chrono::system_clock::time_point(since_1970));
  };
  CHECK(at(0ms) == "1970-01-01T00:00:00.000Z");
  CHECK(at(1'795'636'800'500ms) == "2026-11-25T20:00:00.500Z");
  CHECK(at(-250ms) == "1969-12-31T23:59:59.750Z");
}

TEST_CASE("base64 is that of RFC 4648") {
  const auto bytes = [](std::string text) {
    return std::vector<unsigned char>(text.begin(), text.end());
  };
  const std::vector<std::pair<std::string, std::string>> examples{{"", ""},
                                                                  {"f", "Zg=="},
                                                                  {"fo", "Zm8="},
                                                                  {"foo", "Zm9v"},
                                                                  {"foob", "Zm9vYg=="},
                                                                  {"fooba", "Zm9vYmE="},
                                                                  {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : examples) {
    CHECK(to_base64(bytes(plain)) == encoded);
    CHECK(from_base64(encoded) == bytes(plain));
  }
  CHECK_THROWS_AS(from_base64("Zm9v*A=="), std::runtime_error);
}

TEST_CASE("histograms written to a log and read back have the same counts") {
  std::vector<Histogram> written{random_histogram(1, 100'000), random_histogram(2, 10),
                                 Histogram()};
  Histogram edges;
  for (const auto value : {0ns, nanoseconds(24h)}) edges.record(value);
  edges.add_to(5, 1'000'000'000'000);  // a count of many bytes
  written.push_back(edges);

  std::string text = hlog_header(std::chrono::system_clock::time_point(1'600'000'000s), true);
  for (const Histogram& histogram : written) text += hlog_row("some", 0s, 1s, histogram);
  std::istringstream file(text);
  std::size_t row = 0;
  const HlogSummary summary =
      read_hlog(file, [&](const std::string& tag, const Histogram& histogram) {
        REQUIRE(row < written.size());
        CHECK(tag == "some");
        CHECK(std::ranges::equal(histogram.counts(), written[row].counts()));
        CHECK(histogram.count() == written[row].count());
        ++row;
      });
  CHECK(row == written.size());
  CHECK(summary.rows == written.size());
  CHECK(summary.open_loop == true);
}

TEST_CASE("a log begins with the lines that readers look for and names its units") {
  Histogram histogram;
  histogram.record(2ms);
  const std::string text =
      hlog_header(std::chrono::system_clock::time_point(1'600'000'000'500ms), false) +
      hlog_row("", 1500ms, 500ms, histogram) + hlog_row("connect", 0s, 2s, histogram);
  CHECK(
      text.starts_with("#[Histogram log format version 1.3]\n"
                       "#[StartTime: 1600000000.500 (seconds since epoch), 2020-09-13T12:26:40Z]\n"
                       "#[Unit: values in nanoseconds, Interval_Max in milliseconds]\n"
                       "#[Latency: from when each message left, closed loop]\n"
                       "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\","
                       "\"Interval_Compressed_Histogram\"\n"
                       "1.500,0.500,2.000,HISTF"));
  CHECK(text.find("\nTag=connect,0.000,2.000,2.000,HISTF") != std::string::npos);
}

std::string log_refusal(const std::string& log) {
  std::istringstream file(log);
  try {
    read_hlog(file, [](const std::string&, const Histogram&) {});
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "accepted";
}

TEST_CASE("anything other than a log is refused with the line") {
  CHECK(log_refusal("# a comment\nhello\n") == "line 2: fewer than four columns");
  CHECK(log_refusal("0,1,2,!!!!\n") == "line 1: not base64");
  CHECK(log_refusal("0,1,2,AAAA\n") == "line 1: not a compressed histogram of version 2");
  CHECK(log_refusal("\"quoted text\"\n") == "line 1: fewer than four columns");
}

TEST_CASE("a row that is cut anywhere is refused") {
  const std::string row = hlog_row("", 0s, 1s, random_histogram(3, 1000));
  CHECK(log_refusal(row) == "accepted");
  CHECK(log_refusal(row.substr(0, row.size() - 1)) == "accepted");  // its newline alone
  for (std::size_t size = 1; size < row.size() - 1; ++size) {
    CAPTURE(size);
    REQUIRE(log_refusal(row.substr(0, size)) != "accepted");
  }
}

// The payload of a histogram with one value, of which a byte of its plain form is changed.
std::string changed(std::size_t at, unsigned char value) {
  Histogram histogram;
  histogram.record(1ns);
  std::vector<unsigned char> packed = from_base64(encode_histogram(histogram));
  std::vector<unsigned char> plain(1000);
  uLongf size = plain.size();
  REQUIRE(::uncompress(plain.data(), &size, packed.data() + 8, packed.size() - 8) == Z_OK);
  plain.resize(size);
  plain.at(at) = value;
  uLongf compressed = ::compressBound(size);
  packed.resize(8 + compressed);
  ::compress(packed.data() + 8, &compressed, plain.data(), size);
  packed.resize(8 + compressed);
  packed[7] = static_cast<unsigned char>(compressed);
  return to_base64(packed);
}

TEST_CASE("a payload whose header does not fit is refused") {
  CHECK(decode_histogram(changed(3, 0x13)).count() == 1);  // as it was
  // The cookie, the length of the counts, the offset, the digits, both limits and the ratio.
  for (const std::size_t at : {0U, 7U, 11U, 15U, 23U, 31U, 33U}) {
    CAPTURE(at);
    CHECK_THROWS_AS(decode_histogram(changed(at, 0x77)), std::runtime_error);
  }
}

TEST_CASE("the percentile text has its rows to the nanosecond and ends with all values") {
  Histogram histogram;
  histogram.record(6'500ns);
  for (int i = 2; i <= 10; ++i) histogram.record(i * 1ms);
  const std::string text = hgrm_text(histogram);
  CHECK(
      text.starts_with("       Value   Percentile   TotalCount 1/(1-Percentile)\n\n"
                       "    0.006503     0.000000            1         1.00\n"
                       "    0.006503     0.100000            1         1.11\n"
                       "    2.000895     0.200000            2         1.25\n"));
  CHECK(text.find("\n    5.001215     0.500000            5         2.00\n") != std::string::npos);
  CHECK(text.find("\n   10.000000     1.000000           10          inf\n"
                  "#[Mean    =     5.400650, StdDeviation   =") != std::string::npos);
  CHECK(text.find("#[Max     =    10.000000, Total count    =           10]\n") !=
        std::string::npos);
  CHECK(text.ends_with("#[Buckets =           37, SubBuckets     =         2048]\n"));
}

TEST_CASE("the percentile text of nothing has only its frame") {
  CHECK(hgrm_text(Histogram()).find("Total count    =            0]") != std::string::npos);
}

}  // namespace
}  // namespace echo
