#pragma once

#include <string>

#include "client/results/result.h"

namespace echo {

// "p99.9 is 210ms: 14 retransmissions on 9 of 50 connections", where so many can account for the
// lowest reported percentile that is so late; else nothing. A segment that is sent again because
// its time is over comes the least retransmission timeout, 200 ms, later than the others, and holds
// back what follows on its connection. So the percentile must be that much above the median, and
// no more messages may be so late than the retransmissions could hold back. It claims no cause.
std::string retransmission_line(const Result& result);

}  // namespace echo
