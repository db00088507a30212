#pragma once

#include <chrono>
#include <optional>
#include <variant>
#include <vector>

#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>

#include "common/descriptor.h"
#include "common/handler_memory.h"
#include "common/listening/acceptor.h"
#include "common/monitoring/http_connections.h"
#include "common/monitoring/http_daemon.h"
#include "common/monitoring/http_gate.h"
#include "common/monitoring/http_pages.h"
#include "common/thread.h"

namespace echo {

// The metrics thread: runs an io_context in which it accepts, lets the library answer what is
// ready, and ends what has lasted too long. Nothing in it waits for a peer or for another thread.
// A newcomer for whom there is no room or no descriptor takes the place of the oldest: a peer that
// is silent costs nobody else anything. Owner: HttpServer, whose thread alone makes and destroys
// it.
class HttpLoop final : HttpDaemon::Handler {
 public:
  HttpLoop(std::vector<ListeningSocket> sockets, const HttpRoutes& routes,
           const HttpQuestion& question, std::chrono::nanoseconds patience);
  HttpLoop(const HttpLoop&) = delete;
  HttpLoop& operator=(const HttpLoop&) = delete;
  ~HttpLoop();

 private:
  template <typename Source>
  struct Wait {
    Source source;
    bool started = false;
    HandlerMemory memory{};
  };

  // The descriptor is the library's, which closes it: also when the rest cannot be made.
  struct LibraryWait : Wait<asio::posix::stream_descriptor> {
    ~LibraryWait() { source.release(); }
  };

  void run();
  void accept(Descriptor socket, const Endpoint& peer);
  bool free_descriptor();
  void watch_library();
  void answer();
  void end(HttpConnection& connection);
  void resume(HttpConnection& connection);
  void resume_all();
  void watch_deadlines();
  void end_overdue();
  MHD_Result on_request(MHD_Connection* request, const char* url, const char* method,
                        void* tag) override;
  void on_closed(void* tag) noexcept override;

  const std::chrono::nanoseconds patience_;
  asio::io_context context_{1};
  HttpConnections connections_{context_};
  HttpPages pages_;
  HttpGate gate_;
  HttpDaemon daemon_;
  Acceptor acceptor_;
  Descriptor spare_;  // closed so that a connection can be accepted when there is no other
  LibraryWait library_;
  Wait<asio::steady_timer> deadline_;
  Wait<std::monostate> again_;  // another turn of the library
  std::optional<Thread> thread_;
};

}  // namespace echo
