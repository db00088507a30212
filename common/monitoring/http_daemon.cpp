#include "common/monitoring/http_daemon.h"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

#include "common/logging.h"

namespace echo {
namespace {

// A request line and headers have to fit in. Scrapers ask in some hundred bytes, and a page needs
// no more for its own headers.
constexpr std::size_t kMemoryPerConnection = 8192;

// A path stays as it was sent: ours need no %, and a decoded %00 would hide the rest.
std::size_t leave_escaped(void* /*closure*/, MHD_Connection* /*request*/, char* text) {
  return std::char_traits<char>::length(text);
}

}  // namespace

HttpDaemon::HttpDaemon(Handler& handler, unsigned max_connections) : handler_(handler) {
  MHD_set_panic_func(&HttpDaemon::panic, nullptr);
  // Without MHD_USE_ERROR_LOG, so that nothing that a peer sends makes it print.
  daemon_ = MHD_start_daemon(
      MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME, 0, nullptr, nullptr,
      &HttpDaemon::answer, this, MHD_OPTION_NOTIFY_CONNECTION, &HttpDaemon::notify, this,
      MHD_OPTION_UNESCAPE_CALLBACK, &leave_escaped, nullptr, MHD_OPTION_CONNECTION_LIMIT,
      max_connections, MHD_OPTION_CONNECTION_MEMORY_LIMIT, kMemoryPerConnection, MHD_OPTION_END);
  if (daemon_ == nullptr) throw std::runtime_error("cannot start libmicrohttpd");
}

int HttpDaemon::descriptor() const {
  return MHD_get_daemon_info(daemon_, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
}

bool HttpDaemon::add(Descriptor socket, const Endpoint& peer, void* tag) {
  adding_ = tag;
  return MHD_add_connection(daemon_, socket.release(), peer.data(),
                            static_cast<socklen_t>(peer.size())) == MHD_YES;
}

bool HttpDaemon::run() {
  MHD_run(daemon_);
  MHD_UNSIGNED_LONG_LONG until_more = 1;
  return MHD_get_timeout(daemon_, &until_more) == MHD_YES && until_more == 0;
}

void HttpDaemon::stop() noexcept try {
  if (daemon_ != nullptr) MHD_stop_daemon(std::exchange(daemon_, nullptr));
} catch (const HttpPanic& panic) {
  log_event(Level::err, "http_failed", "libmicrohttpd did not stop: {why}",
            {{"why", panic.reason}});
}

void HttpDaemon::panic(void* /*closure*/, const char* file, unsigned line, const char* reason) {
  throw HttpPanic{fmt::format("{} ({}:{})", reason == nullptr ? "" : reason, file, line)};
}

MHD_Result HttpDaemon::answer(void* self, MHD_Connection* request, const char* url,
                              const char* method, const char* /*version*/, const char* /*body*/,
                              std::size_t* /*body_size*/, void** /*state*/) {
  const auto* info = MHD_get_connection_info(request, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  return static_cast<HttpDaemon*>(self)->handler_.on_request(request, url, method,
                                                             info->socket_context);
}

void HttpDaemon::notify(void* self, MHD_Connection* /*connection*/, void** tag,
                        MHD_ConnectionNotificationCode what) {
  auto* daemon = static_cast<HttpDaemon*>(self);
  if (what == MHD_CONNECTION_NOTIFY_STARTED) {
    *tag = daemon->adding_;
  } else {
    daemon->handler_.on_closed(*tag);
  }
}

}  // namespace echo
