#pragma once

#include "client/results/result.h"

namespace echo {

// Whether answers came as fast as a rate asked for. Pure, any thread.

// Messages per second at which answers came while messages were due, less than the rate asked for
// if the server fell behind: the slope of the answers over time, without the beginning. A server
// that takes long for each answer keeps the rate all the same. REQUIRES: a rate and a duration.
double answer_pace(const Result& result);

// The same without a pause that was made up for by the end: that did not slow the server down.
double lasting_pace(const Result& result);

// Whether the pace is that rate, but for this share of it.
bool keeps_rate(const Result& result, double pace, double tolerance);

// Whether the server clearly fell behind the rate asked for, so that its queue grew.
bool fell_behind(const Result& result);

}  // namespace echo
