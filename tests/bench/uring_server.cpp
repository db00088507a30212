// A server with one thread and one io_uring: no limits, no timeouts, no end.
#include <liburing.h>
#include <unistd.h>

#include <cstring>
#include <memory>

#include "tests/bench/server.h"

namespace {

struct Connection {
  int socket;
  std::size_t received = 0;
  std::size_t sent = 0;  // equal to `received`: the next call is a receive
  std::unique_ptr<char[]> buffer = std::make_unique_for_overwrite<char[]>(echo::bench::kBuffer);
};

io_uring ring;

io_uring_sqe* entry() {
  io_uring_sqe* sqe = io_uring_get_sqe(&ring);
  if (sqe != nullptr) return sqe;
  io_uring_submit(&ring);
  return io_uring_get_sqe(&ring);
}

void accept(int listener) {
  io_uring_sqe* sqe = entry();
  io_uring_prep_multishot_accept(sqe, listener, nullptr, nullptr, SOCK_CLOEXEC);
  io_uring_sqe_set_data(sqe, nullptr);
}

void go_on(Connection* connection) {
  io_uring_sqe* sqe = entry();
  char* data = connection->buffer.get();
  if (connection->sent == connection->received) {
    connection->sent = connection->received = 0;
    io_uring_prep_recv(sqe, connection->socket, data, echo::bench::kBuffer, 0);
  } else {
    io_uring_prep_send(sqe, connection->socket, data + connection->sent,
                       connection->received - connection->sent, MSG_NOSIGNAL);
  }
  io_uring_sqe_set_data(sqe, connection);
}

void complete(Connection* connection, int result) {
  if (result <= 0) {
    ::close(connection->socket);
    delete connection;
    return;
  }
  const bool was_receive = connection->received == 0;
  (was_receive ? connection->received : connection->sent) += static_cast<std::size_t>(result);
  go_on(connection);
}

}  // namespace

int main(int argc, char** argv) {
  const int listener = echo::bench::listen(argc, argv);
  const unsigned flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN;
  if (const int error = io_uring_queue_init(4096, &ring, flags); error < 0) {
    std::fprintf(stderr, "the kernel allows no io_uring: %s\n", std::strerror(-error));
    return 1;
  }
  accept(listener);
  for (;;) {
    io_uring_submit_and_wait(&ring, 1);
    io_uring_cqe* cqe = nullptr;
    unsigned head = 0;
    unsigned count = 0;
    io_uring_for_each_cqe(&ring, head, cqe) {
      ++count;
      auto* connection = static_cast<Connection*>(io_uring_cqe_get_data(cqe));
      if (connection != nullptr) {
        complete(connection, cqe->res);
        continue;
      }
      if (cqe->res >= 0) go_on(new Connection{cqe->res});
      if ((cqe->flags & IORING_CQE_F_MORE) == 0) accept(listener);
    }
    io_uring_cq_advance(&ring, count);
  }
}
