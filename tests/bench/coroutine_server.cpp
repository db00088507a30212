// A server with one thread and a coroutine per connection, on Asio: no limits, no timeouts, no end.
#include <array>
#include <cstddef>
#include <utility>

#include <asio/awaitable.hpp>
#include <asio/buffer.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

#include "tests/bench/server.h"

namespace {

using asio::ip::tcp;

asio::awaitable<void> serve(tcp::socket socket) {
  std::array<char, 16 * 1024> bytes;
  asio::error_code error;
  auto resume = asio::redirect_error(asio::use_awaitable, error);
  while (!error) {
    const std::size_t got = co_await socket.async_read_some(asio::buffer(bytes), resume);
    if (!error) co_await asio::async_write(socket, asio::buffer(bytes, got), resume);
  }
}

asio::awaitable<void> accept(tcp::acceptor acceptor) {
  for (;;) {
    asio::error_code error;
    tcp::socket socket =
        co_await acceptor.async_accept(asio::redirect_error(asio::use_awaitable, error));
    if (!error) asio::co_spawn(acceptor.get_executor(), serve(std::move(socket)), asio::detached);
  }
}

}  // namespace

int main(int argc, char** argv) {
  asio::io_context context(1);
  tcp::acceptor acceptor(context, tcp::v4(), echo::bench::listen(argc, argv));
  asio::co_spawn(context, accept(std::move(acceptor)), asio::detached);
  context.run();
}
