#pragma once

#include <chrono>
#include <functional>

#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>

#include "common/handler_memory.h"
#include "common/monitoring/http_route.h"

namespace echo {

// Holds requests back until a question is answered or it is too late for that, without a thread
// that waits. Owner: HttpLoop. Thread rule: the thread that runs the io_context.
class HttpGate {
 public:
  // `open` lets every request go on that had to wait.
  HttpGate(asio::io_context& context, const HttpQuestion& question, std::function<void()> open);
  HttpGate(const HttpGate&) = delete;
  HttpGate& operator=(const HttpGate&) = delete;
  ~HttpGate();

  // Asks. Whether the request has to wait until the gate is opened.
  bool must_wait();

 private:
  void watch_answer();
  void watch_time();
  void open();

  const HttpQuestion question_;
  const std::function<void()> open_;
  asio::posix::stream_descriptor answered_;
  asio::steady_timer too_late_;
  std::chrono::steady_clock::time_point until_{};  // of the question that is open
  bool somebody_waits_ = false;
  bool answer_watched_ = false;
  bool time_watched_ = false;
  HandlerMemory answered_memory_;
  HandlerMemory too_late_memory_;
};

}  // namespace echo
