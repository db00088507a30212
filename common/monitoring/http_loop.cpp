#include "common/monitoring/http_loop.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <exception>
#include <list>
#include <utility>

#include <asio/executor_work_guard.hpp>
#include <asio/post.hpp>

#include "common/logging.h"

namespace echo {
namespace {

// libmicrohttpd and a page of metrics use 24 KiB; sanitizers need more.
constexpr std::size_t kStackSize = std::size_t{256} * 1024;

// A connection this young may still send its request.
constexpr std::chrono::milliseconds kGrace{100};

Descriptor open_spare() {
  return Descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

// The context makes room for so many timers and keeps it, for when memory is short.
void reserve_timers(asio::io_context& context, int count) {
  std::list<asio::steady_timer> timers;
  for (int i = 0; i < count; ++i) {
    timers.emplace_back(context, std::chrono::hours(1)).async_wait([](const asio::error_code&) {});
  }
  timers.clear();
  context.run();
  context.restart();
}

}  // namespace

HttpLoop::HttpLoop(std::vector<ListeningSocket> sockets, const HttpRoutes& routes,
                   const HttpQuestion& question, std::chrono::nanoseconds patience)
    : patience_(patience),
      pages_(routes),
      gate_(context_, question, [this] { resume_all(); }),
      // More than there are: one that ends counts until the library has looked at it.
      daemon_(*this, 2 * HttpConnections::kMost),
      acceptor_(context_, std::move(sockets),
                {.accepted = [this](Descriptor socket, const Endpoint& peer,
                                    const ListeningSocket&) { accept(std::move(socket), peer); },
                 .free_descriptor = [this] { return free_descriptor(); }}),
      spare_(open_spare()),
      library_{{.source = asio::posix::stream_descriptor(context_, daemon_.descriptor())}},
      deadline_{.source = asio::steady_timer(context_)} {
  reserve_timers(context_, 3);  // of the acceptor, the gate and this
  thread_.emplace(
      "metrics", [this] { run(); }, kStackSize);
}

HttpLoop::~HttpLoop() {
  context_.stop();
  thread_.reset();
  // The library does not stop while one is suspended.
  for (HttpConnection& each : connections_) resume(each);
  library_.source.release();
  daemon_.stop();
}

void HttpLoop::run() try {
  const auto until_stopped = asio::make_work_guard(context_);
  watch_library();
  acceptor_.watch();
  context_.run();
} catch (const HttpPanic& panic) {
  // The echo service does not need the pages. Probes are refused from now on instead of waiting.
  acceptor_.close();
  for (HttpConnection& each : connections_) each.waiting = nullptr;
  daemon_.abandon();
  log_event(Level::err, "http_failed", "monitoring has ended: libmicrohttpd: {why}",
            {{"why", panic.reason}});
}

void HttpLoop::accept(Descriptor socket, const Endpoint& peer) {
  if (HttpConnection* other = connections_.to_make_room_for(peer)) {
    end(*other);
    answer();
  }
  const auto deadline = HttpConnection::Clock::now() + patience_;
  HttpConnection* connection = connections_.open(peer, deadline);
  if (connection == nullptr) return;
  connection->socket = socket.get();
  if (!daemon_.add(std::move(socket), peer, connection)) HttpConnections::release(*connection);
  watch_deadlines();
  answer();
}

bool HttpLoop::free_descriptor() {
  if (spare_) {
    spare_.reset();
    return true;
  }
  HttpConnection* oldest = connections_.oldest();
  if (oldest == nullptr || HttpConnection::Clock::now() - oldest->since < kGrace) return false;
  end(*oldest);
  answer();
  spare_.reset();  // rather for the newcomer
  return !oldest->is_used();
}

void HttpLoop::watch_library() {
  const auto ready = [this](const asio::error_code&) {
    answer();
    watch_library();
  };
  library_.source.async_wait(asio::posix::descriptor_base::wait_read, library_.memory.bind(ready));
}

void HttpLoop::answer() {
  const bool more = daemon_.run();
  if (!spare_) spare_ = open_spare();
  // Not at once: a large page is sent in turns with others.
  if (!more || std::exchange(again_.started, true)) return;
  asio::post(context_, again_.memory.bind([this] {
    again_.started = false;
    answer();
  }));
}

// The library closes it in its next run.
void HttpLoop::end(HttpConnection& connection) {
  connection.is_ended = true;
  if (connection.socket < 0) return HttpConnections::release(connection);
  resume(connection);
  ::shutdown(connection.socket, SHUT_RDWR);
}

void HttpLoop::resume(HttpConnection& connection) {
  if (connection.waiting == nullptr) return;
  MHD_resume_connection(std::exchange(connection.waiting, nullptr));
}

void HttpLoop::resume_all() {
  for (HttpConnection& each : connections_) resume(each);
  answer();
}

void HttpLoop::watch_deadlines() {
  const auto first = connections_.first_deadline();
  if (!first || std::exchange(deadline_.started, true)) return;
  const auto due = [this](const asio::error_code&) {
    deadline_.started = false;
    end_overdue();
    watch_deadlines();
  };
  deadline_.source.expires_at(*first);
  deadline_.source.async_wait(deadline_.memory.bind(due));
}

void HttpLoop::end_overdue() {
  const auto now = HttpConnection::Clock::now();
  for (HttpConnection& each : connections_) {
    if (!each.is_used() || each.deadline > now) continue;
    end(each);
    each.deadline = now + patience_;  // should it still be there then
  }
  answer();
}

MHD_Result HttpLoop::on_request(MHD_Connection* request, const char* url, const char* method,
                                void* tag) try {
  auto& connection = *static_cast<HttpConnection*>(tag);
  if (!connection.has_waited && pages_.waits(url, method) && gate_.must_wait()) {
    connection.has_waited = true;
    connection.waiting = request;
    MHD_suspend_connection(request);
    return MHD_YES;
  }
  return pages_.answer(request, url, method);
} catch (const std::exception&) {  // no memory even for a refusal: the library closes it
  return MHD_NO;
}

void HttpLoop::on_closed(void* tag) noexcept {
  connections_.leave(*static_cast<HttpConnection*>(tag));
}

}  // namespace echo
