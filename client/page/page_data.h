#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "client/page/curve.h"
#include "client/page/saved_run.h"

namespace echo {

// How much of the runs a page has room for.
struct PageDetail {
  std::size_t intervals = 300;  // rows per run at most
  CurveDetail curve = CurveDetail::fine;
};

// What the page's script draws, as one JSON object. Times are in microseconds; what was not
// measured is null. Valid UTF-8 in which "<", ">" and "&" are escaped, so that it can stand in a
// script element. REQUIRES: at least one run. Pure, any thread.
std::string page_data(const std::vector<SavedRun>& runs, const PageDetail& detail);

}  // namespace echo
