#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>

#include "common/descriptor.h"

namespace echo {

struct HttpResponse {
  int status = 200;
  std::string body;
  std::string type = "text/plain; charset=utf-8";
};

// A page, made by the monitoring thread, which must not wait meanwhile.
struct HttpRoute {
  std::function<HttpResponse()> make;
  std::chrono::nanoseconds fresh{0};  // for how long a page that was made is answered again
  bool waits = false;                 // for the answer to the question
};
using HttpRoutes = std::map<std::string, HttpRoute, std::less<>>;  // by path

// What is asked before a page is made that depends on somebody else's answer.
struct HttpQuestion {
  // Returns until when to wait for the answer, for all that wait; a time in the past is not to
  // wait.
  std::function<std::chrono::steady_clock::time_point()> ask;
  WakeEvent* answered = nullptr;  // signalled by the answer; outlives whoever asks
};

}  // namespace echo
