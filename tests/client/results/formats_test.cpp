#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "client/results/base64.h"
#include "client/results/hgrm.h"
#include "client/results/hlog.h"

namespace echo::load {
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

  std::stringstream file;
  write_hlog_header(file, std::chrono::system_clock::time_point(1'600'000'000s));
  for (const Histogram& histogram : written) write_hlog_row(file, "some", 0s, 1s, histogram);
  std::size_t row = 0;
  read_hlog(file, [&](const std::string& tag, const Histogram& histogram) {
    REQUIRE(row < written.size());
    CHECK(tag == "some");
    CHECK(std::ranges::equal(histogram.counts(), written[row].counts()));
    CHECK(histogram.count() == written[row].count());
    ++row;
  });
  CHECK(row == written.size());
}

TEST_CASE("a log begins with the lines that readers look for") {
  std::ostringstream file;
  write_hlog_header(file, std::chrono::system_clock::time_point(1'600'000'000'500ms));
  Histogram histogram;
  histogram.record(2ms);
  write_hlog_row(file, "", 1500ms, 500ms, histogram);
  CHECK(file.str().starts_with(
      "#[Histogram log format version 1.3]\n"
      "#[StartTime: 1600000000.500 (seconds since epoch), 2020-09-13T12:26:40Z]\n"
      "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\","
      "\"Interval_Compressed_Histogram\"\n"
      "1.500,0.500,2.001,HISTF"));
}

TEST_CASE("what is no log is refused with the line") {
  const auto refusal = [](const std::string& text) -> std::string {
    std::istringstream file(text);
    try {
      read_hlog(file, [](const std::string&, const Histogram&) {});
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "accepted";
  };
  CHECK(refusal("# a comment\nhello\n") == "line 2: fewer than four columns");
  CHECK(refusal("0,1,2,!!!!\n") == "line 1: not base64");
  CHECK(refusal("0,1,2,AAAA\n") == "line 1: not a compressed histogram of version 2");
  std::ostringstream file;
  write_hlog_row(file, "", 0s, 1s, random_histogram(3, 1000));
  CHECK(refusal(file.str().substr(0, 200)).starts_with("line 1: "));
}

TEST_CASE("the percentile text has its rows and ends with all values") {
  Histogram histogram;
  for (int i = 1; i <= 10; ++i) histogram.record(i * 1ms);
  std::ostringstream file;
  write_hgrm(file, histogram);
  CHECK(
      file.str().starts_with("       Value   Percentile   TotalCount 1/(1-Percentile)\n\n"
                             "       1.000     0.000000            1         1.00\n"
                             "       1.000     0.100000            1         1.11\n"
                             "       2.001     0.200000            2         1.25\n"));
  CHECK(file.str().find("\n       5.001     0.500000            5         2.00\n") !=
        std::string::npos);
  CHECK(file.str().find("\n      10.002     1.000000           10          inf\n"
                        "#[Mean    =        5.5") != std::string::npos);
  CHECK(file.str().find("#[Max     =       10.002, Total count    =           10]\n") !=
        std::string::npos);
  CHECK(file.str().ends_with("#[Buckets =           37, SubBuckets     =         2048]\n"));
}

TEST_CASE("the percentile text of nothing has only its frame") {
  std::ostringstream file;
  write_hgrm(file, Histogram());
  CHECK(file.str().find("Total count    =            0]") != std::string::npos);
}

}  // namespace
}  // namespace echo::load
