#include "client/load/trailing_watch.h"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "common/error_text.h"

namespace echo::load {
namespace {

constexpr std::chrono::seconds kTrailingPatience{1};

}  // namespace

TrailingWatch::TrailingWatch(Epoll& epoll, Recorder& recorder, std::size_t capacity)
    : epoll_(epoll), recorder_(recorder), entries_(capacity) {
  for (Entry& entry : entries_) entry.owner = this;
}

void TrailingWatch::watch(Descriptor socket, std::uint64_t connection, std::uint64_t message,
                          SteadyTime now) {
  if (entries_.empty()) return;
  Entry& entry = entries_[next_];
  if (entry.socket) {
    entry.close();
    oldest_ = wrap(next_ + 1);
  }
  next_ = wrap(next_ + 1);
  ::shutdown(socket.get(), SHUT_WR);
  epoll_.change(socket.get(), EPOLLIN, static_cast<Watched*>(&entry));
  entry.socket = std::move(socket);
  entry.connection = connection;
  entry.message = message;
  entry.deadline = now + kTrailingPatience;
  ++open_;
}

void TrailingWatch::check(SteadyTime now) {
  while (open_ > 0) {
    Entry& entry = entries_[oldest_];
    if (entry.socket && now < entry.deadline) return;
    if (entry.socket) entry.close();
    oldest_ = wrap(oldest_ + 1);
  }
  oldest_ = next_;
}

void TrailingWatch::Entry::on_ready(std::uint32_t /*events*/) {
  std::byte extra{};
  const ssize_t count = ::recv(socket.get(), &extra, 1, 0);
  if (count < 0 && is_transient(errno)) return;
  if (count > 0) {
    owner->recorder_.unexpected(
        {connection, message, 0, 0, std::to_integer<unsigned>(extra), 0, true},
        std::chrono::steady_clock::now());
  }
  close();
}

void TrailingWatch::Entry::close() {
  socket.reset();
  --owner->open_;
}

}  // namespace echo::load
