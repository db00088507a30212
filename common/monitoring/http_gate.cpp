#include "common/monitoring/http_gate.h"

#include <utility>

namespace echo {

HttpGate::HttpGate(asio::io_context& context, const HttpQuestion& question,
                   std::function<void()> open)
    : question_(question), open_(std::move(open)), answered_(context), too_late_(context) {
  if (question_.answered != nullptr) answered_.assign(question_.answered->descriptor());
}

HttpGate::~HttpGate() {
  if (answered_.is_open()) answered_.release();
}

bool HttpGate::must_wait() {
  if (question_.answered == nullptr) return false;
  if (!somebody_waits_) question_.answered->clear();  // the answer to a question before
  until_ = question_.ask();
  if (until_ <= std::chrono::steady_clock::now()) return false;
  somebody_waits_ = true;
  watch_answer();
  watch_time();
  return true;
}

void HttpGate::watch_answer() {
  if (std::exchange(answer_watched_, true)) return;
  const auto answered = [this](const asio::error_code&) {
    answer_watched_ = false;
    open();
  };
  answered_.async_wait(asio::posix::descriptor_base::wait_read, answered_memory_.bind(answered));
}

void HttpGate::watch_time() {
  if (std::exchange(time_watched_, true)) return;
  const auto too_late = [this](const asio::error_code&) {
    time_watched_ = false;
    if (!somebody_waits_) return;
    // The one that was timed may have been answered, and another one asked since.
    if (std::chrono::steady_clock::now() < until_) return watch_time();
    open();
  };
  too_late_.expires_at(until_);
  too_late_.async_wait(too_late_memory_.bind(too_late));
}

void HttpGate::open() {
  if (std::exchange(somebody_waits_, false)) open_();
}

}  // namespace echo
