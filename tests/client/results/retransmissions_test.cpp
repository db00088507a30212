#include "client/results/retransmissions.h"

#include <doctest/doctest.h>

#include <string>

#include "client/results/json_report.h"
#include "client/results/json_result.h"
#include "client/results/merged_result.h"
#include "client/results/report.h"
#include "tests/client/results/made_result.h"
#include "tests/support/temporary_folder.h"

namespace echo {
namespace {

using namespace std::chrono_literals;

// A thousand messages of a millisecond each, and so many that take longer.
Result late(int messages, nanoseconds time, std::uint64_t retransmissions) {
  Result result;
  result.plan.connections = 50;
  for (int i = 0; i < 1000 - messages; ++i) result.histogram(Metric::latency).record(1ms);
  for (int i = 0; i < messages; ++i) result.histogram(Metric::latency).record(time);
  TcpSummary& tcp = result.tcp.emplace();
  tcp.connections = 50;
  tcp.affected = 9;
  tcp.retransmissions = retransmissions;
  return result;
}

TEST_CASE("retransmissions that can account for a late percentile are told of") {
  CHECK(retransmission_line(late(14, 210ms, 14)) ==
        "p99 is 210ms: 14 retransmissions on 9 of 50 connections");
  CHECK(text_report(late(14, 210ms, 14)).find("network      p99 is 210ms: 14 ") !=
        std::string::npos);
}

TEST_CASE("without a retransmission or a late percentile there is nothing to tell") {
  CHECK(retransmission_line(late(14, 210ms, 0)).empty());
  CHECK(retransmission_line(late(14, 189ms, 14)).empty());
  CHECK(retransmission_line(late(1000, 300ms, 14)).empty());
  Result result = late(14, 210ms, 14);
  result.tcp.reset();
  CHECK(retransmission_line(result).empty());
  CHECK(text_report(result).find("network") == std::string::npos);
}

TEST_CASE("retransmissions account for no more messages than they hold back") {
  // The ten latest of a hundred that are late: one retransmission holds back one message.
  CHECK(retransmission_line(late(100, 210ms, 9)).find("p99.9 is ") == 0);
  Result result = late(100, 210ms, 9);
  result.plan.percentiles = {99};
  CHECK(retransmission_line(result).empty());
  result.plan.pipeline = 2;
  CHECK_FALSE(retransmission_line(result).empty());
  // With a rate of 20 a second on a connection, 4.2 more are due on it meanwhile.
  result.plan.pipeline = 1;
  result.asked_rate = 1000;
  result.tcp->retransmissions = 2;
  CHECK_FALSE(retransmission_line(result).empty());
  result.tcp->retransmissions = 1;
  CHECK(retransmission_line(result).empty());
}

TEST_CASE("what the kernel told is kept in a saved result") {
  Result result = late(14, 210ms, 14);
  result.socket = {46, "reno", 4608, 2304, false};
  result.plan.socket = {46, "reno", 2304, 1152, true};
  result.tcp->rtt.add(7);
  result.tcp->delivery_rate.add(1'000'000);
  const Result read = parse_result(json_report(result));
  CHECK(read.tcp == result.tcp);
  CHECK(read.socket == result.socket);
  CHECK(read.plan.socket == result.plan.socket);
  const Result plain = parse_result(json_report(Result()));
  CHECK_FALSE(plain.tcp);
  CHECK_FALSE(plain.socket);
  CHECK(plain.plan.socket == SocketOptions());
}

TEST_CASE("merging adds what the kernel told and keeps a socket that all have") {
  const testing::TemporaryFolder folder;
  Result one = late(14, 210ms, 14);
  Result other = late(1, 300ms, 1);
  one.tcp->rtt.add(10);
  other.tcp->rtt.add(30);
  one.socket = other.socket = EffectiveSocket{46, "reno", 4608, 2304, false};
  testing::write_file(folder.file("a"), json_report(one));
  testing::write_file(folder.file("b"), json_report(other));
  other.socket->dscp = 0;
  testing::write_file(folder.file("c"), json_report(other));
  MergedResult merged;
  for (const char* name : {"a", "b"}) merged.add_file(folder.file(name));
  REQUIRE(merged.result().tcp);
  CHECK(merged.result().tcp->retransmissions == 15);
  CHECK(merged.result().tcp->connections == 100);
  CHECK(merged.result().tcp->rtt == Spread{2, 10, 30, 40});
  CHECK(merged.result().socket == one.socket);
  merged.add_file(folder.file("c"));
  CHECK_FALSE(merged.result().socket);
}

TEST_CASE("the report shows the socket where an option of it was given") {
  Result result = testing::good_result();
  CHECK(text_report(result).find("socket ") == std::string::npos);
  result.plan.socket.dscp = 46;
  CHECK(text_report(result).find("socket       DSCP 46 (EF), congestion control cubic, ") !=
        std::string::npos);
}

}  // namespace
}  // namespace echo
