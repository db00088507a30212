#pragma once

#include <microhttpd.h>

#include <cstddef>
#include <string>

#include "common/address.h"
#include "common/descriptor.h"

namespace echo {

// The library found itself broken: it may not be called any more. Not a std::exception, so that
// nothing on the way takes it for a page that failed.
struct HttpPanic {
  std::string reason;
};

// libmicrohttpd as a parser and writer of HTTP on sockets that are given to it, without a thread or
// a listening socket of its own: at EMFILE its accept spins (0.9.75). Calls may throw HttpPanic.
// Owner: HttpLoop. Thread rule: one thread at a time, which also runs the handler.
class HttpDaemon {
 public:
  class Handler {
   public:
    // Once the headers of a request are there, and again after resume(). MHD_NO ends the
    // connection. `tag` is that of add().
    virtual MHD_Result on_request(MHD_Connection* request, const char* url, const char* method,
                                  void* tag) = 0;
    // The library closes its socket after this; it has sent FIN. Must not throw.
    virtual void on_closed(void* tag) noexcept = 0;

   protected:
    ~Handler() = default;
  };

  // At most that many connections. Throws std::runtime_error.
  HttpDaemon(Handler& handler, unsigned max_connections);
  HttpDaemon(const HttpDaemon&) = delete;
  HttpDaemon& operator=(const HttpDaemon&) = delete;
  ~HttpDaemon() { stop(); }

  // Readable when run() has something to do.
  int descriptor() const;

  // False if the connection could not be added. The socket is the library's in either case.
  bool add(Descriptor socket, const Endpoint& peer, void* tag);

  // Never blocks. True if there is more to do at once.
  bool run();

  // After a panic: the library keeps what it has, locks among it.
  void abandon() noexcept { daemon_ = nullptr; }

  // Ends every connection. None may be suspended.
  void stop() noexcept;

 private:
  [[noreturn]] static void panic(void*, const char* file, unsigned line, const char* reason);
  static MHD_Result answer(void* self, MHD_Connection* request, const char* url, const char* method,
                           const char* version, const char* body, std::size_t* body_size,
                           void** state);
  static void notify(void* self, MHD_Connection* connection, void** tag,
                     MHD_ConnectionNotificationCode what);

  Handler& handler_;
  void* adding_ = nullptr;  // the tag of the connection that is being added
  MHD_Daemon* daemon_ = nullptr;
};

}  // namespace echo
