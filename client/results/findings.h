#pragma once

#include <string>
#include <vector>

#include "client/results/limited_by.h"
#include "client/results/result.h"

namespace echo {

// What a result says about itself: what kept it from more, and what has to be known to judge it.

// How large a part of what was to be done the errors are, in words.
std::string share_of_errors(const Counters& counters);

// The generator if its own part moves a reported percentile, else the connections if many messages
// waited for one, else the rate if at least 99 % of it was achieved, else the server.
LimitedBy limited_by(const Result& result);
// The same for a report: "the server and the way to it".
std::string limit_text(const Result& result);

// Whether more than 1 % of the messages waited for a busy connection.
bool many_waited(const Counters& counters);

// Whether a time would be lower by more than 10 % and 10 us without what echoc itself was late by.
// In microseconds.
bool is_moved(double measured, double without_echoc);

// A reported percentile of the latency that is moved.
struct MovedPercentile {
  double percentile = 0;
  std::chrono::nanoseconds measured{0};
  std::chrono::nanoseconds without_echoc{0};
};
std::vector<MovedPercentile> moved_percentiles(const Result& result);

// One line each, with what would help.
std::vector<std::string> warnings(const Result& result);

// For how long messages were due (open loop), or answered; of several generators, in which all ran.
// Below one message per second the last one's share of the schedule may reach beyond the run, which
// is no longer than was asked for.
std::chrono::nanoseconds rate_time(const Result& result);

// The rate, over which time, and its share of what was asked for.
std::vector<std::string> rate_items(const Result& result);

}  // namespace echo
