#pragma once

#include <chrono>
#include <deque>

namespace echo::testing {

// When a server answers. Pure: the time is a parameter, and calls come in its order. The test that
// gives a rule to a server leaves it to the server's thread.
class ServiceRule {
 public:
  using Time = std::chrono::steady_clock::time_point;

  ServiceRule() = default;
  ServiceRule(const ServiceRule&) = delete;
  ServiceRule& operator=(const ServiceRule&) = delete;
  virtual ~ServiceRule() = default;

  // When the message that came at `now` is to be answered; never before an earlier one.
  virtual Time answer_at(Time now) = 0;
};

// So many messages per second and no more, whoever sends them; the rest waits in order. After a
// pause `burst` of them (1 or more) are answered at once.
class TokenBucket : public ServiceRule {
 public:
  TokenBucket(double rate, double burst);
  Time answer_at(Time now) override;

 private:
  const std::chrono::nanoseconds token_;  // the time that one takes to come
  const std::chrono::nanoseconds saved_;  // that of all that a pause can save, less one
  Time next_;                             // when the next message has a token
};

// A latency that grows with the load: base / (1 - offered / capacity). Offered is what came within
// the last `window`, the message itself among it. Beyond the capacity it grows no more.
class LoadedLatency : public ServiceRule {
 public:
  LoadedLatency(std::chrono::nanoseconds base, double capacity, std::chrono::nanoseconds window);
  Time answer_at(Time now) override;

 private:
  const std::chrono::nanoseconds base_;
  const double capacity_;
  const std::chrono::nanoseconds window_;
  std::deque<Time> came_;
  Time last_;
};

}  // namespace echo::testing
