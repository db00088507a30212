#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <vector>

#include "client/load/generator_interval.h"
#include "common/descriptor.h"
#include "common/mutex.h"

namespace echo::load {

// Hands the intervals of a generator to its reader. There are only a few of them, and they take
// turns, so that a slow reader costs no memory and holds nothing up.
// Thread rule: the generator calls publish(), the owner take() and give_back().
class IntervalQueue {
 public:
  // `news` is signalled when there is something to take.
  explicit IntervalQueue(WakeEvent& news);

  // Returns an empty interval in exchange; or the same one, to be filled further, if too many are
  // unread. A final one is always taken, and nothing is returned.
  std::unique_ptr<GeneratorInterval> publish(std::unique_ptr<GeneratorInterval> interval);

  // The oldest; null when there is none now. To be given back.
  std::unique_ptr<GeneratorInterval> take();
  void give_back(std::unique_ptr<GeneratorInterval> interval);

 private:
  WakeEvent& news_;
  Mutex mutex_;
  std::deque<std::unique_ptr<GeneratorInterval>> published_ GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<GeneratorInterval>> spare_ GUARDED_BY(mutex_);
};

}  // namespace echo::load
