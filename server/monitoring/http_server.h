#pragma once

#include <chrono>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <asio/io_context.hpp>

#include "common/address.h"
#include "common/descriptor.h"
#include "common/thread.h"
#include "server/core/listening_socket.h"

namespace echo {

// A few pages over HTTP for who watches the server, one request a connection. However many ask and
// however slowly, it takes three threads and three descriptors beside those that listen.
// Thread rule: the owner's thread alone; pages are made by any of the three.
class HttpServer {
 public:
  struct Answer {
    int status = 200;
    std::string body;
    std::string type = "text/plain; charset=utf-8";
  };
  using Pages = std::map<std::string, std::function<Answer()>>;  // by path

  // Listens, unless there is no address; answers nothing yet. Throws std::runtime_error that names
  // the address. Who has not asked and taken the answer for the whole of `patience` is cut off.
  explicit HttpServer(const std::optional<Address>& address,
                      std::chrono::nanoseconds patience = std::chrono::seconds(5));
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  ~HttpServer();

  // The addresses really bound.
  std::vector<std::string> addresses() const;

  // Any other path is answered 404.
  void start(const Pages& pages);

  // When it returns no page is being made; what was under way is cut off.
  void stop();

 private:
  class Router;

  void run();
  void answer_one(ListeningSocket& socket);
  void back_off();

  const std::chrono::nanoseconds patience_;
  asio::io_context context_;
  std::vector<ListeningSocket> sockets_;
  std::unique_ptr<Router> router_;
  WakeEvent stop_;
  std::list<Thread> threads_;
};

}  // namespace echo
