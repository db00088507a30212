#pragma once

#include "common/monitoring/metric_families.h"

namespace echo {

// What Prometheus' client libraries tell about a process, under the names that dashboards know.
// What can't be read now, such as for want of a descriptor, is left out.
void add_process_metrics(MetricFamilies& metrics);

}  // namespace echo
