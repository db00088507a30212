#include "client/commands/ping.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include "client/results/histogram.h"
#include "client/wire/dialer.h"
#include "client/wire/payload.h"
#include "common/exit_code.h"
#include "common/poll.h"
#include "common/standard_output.h"
#include "common/stop_signal.h"
#include "common/units.h"

namespace echo {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::nanoseconds;

constexpr std::size_t kChunk = 64 * 1024;

std::string milliseconds(nanoseconds duration) {
  return fmt::format("{:.3f}", static_cast<double>(duration.count()) / 1e6);
}

template <typename... Arguments>
void say(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  write_to_standard_output(fmt::format(format, std::forward<Arguments>(arguments)...));
}

enum class Outcome { echoed, lost, corrupt, interrupted };

class Ping {
 public:
  Ping(const PingOptions& options, std::vector<Endpoint> endpoints)
      : options_(options), endpoints_(std::move(endpoints)), payload_(0) {}

  int run() {
    if (!reconnect()) {
      if (stop_.came()) return exit_interrupted;
      throw std::runtime_error(
          fmt::format("cannot connect to {}: {}", options_.address.text(), connection_.failure));
    }
    Clock::time_point due = Clock::now();
    while (wait_until(due) && send_one() && !enough()) due = next_beat(due);
    if (connection_) look_at_the_end();
    return finish();
  }

 private:
  bool enough() const { return options_.count != 0 && sent_ >= options_.count; }

  // Beats that a late answer has covered are left out; the others keep their places.
  Clock::time_point next_beat(Clock::time_point due) const {
    const Clock::time_point next = due + options_.interval;
    const Clock::time_point now = Clock::now();
    if (now <= next) return next;
    return next + (now - next) / options_.interval * options_.interval;
  }

  bool reconnect() {
    ++stream_;
    received_ = 0;
    connection_ = connect_to(endpoints_, options_.connect_timeout, stop_.descriptor());
    return static_cast<bool>(connection_);
  }

  void disconnect() { connection_ = {}; }

  // False when a signal came first.
  bool wait_until(Clock::time_point due) {
    while (true) {
      std::array<pollfd, 2> entries{
          {{stop_.descriptor(), POLLIN, 0}, {connection_.socket.get(), POLLIN, 0}}};
      if (!poll_until(entries, due)) return true;
      if (entries[0].revents != 0) return false;
      look_at_silence();
    }
  }

  // Between two messages nothing should come but the end of the connection.
  void look_at_silence() {
    if (!unasked_byte_came()) say("{}: connection closed between messages\n", connection_.peer);
    disconnect();
  }

  bool unasked_byte_came() {
    std::byte byte{};
    if (::recv(connection_.socket.get(), &byte, 1, 0) <= 0) return false;
    ++unexpected_;
    say("{}: a byte that was never sent came behind seq={}\n", connection_.peer, sent_);
    return true;
  }

  // A doubled byte may come behind the last answer: nothing but the end of the connection may.
  void look_at_the_end() {
    ::shutdown(connection_.socket.get(), SHUT_WR);
    std::array<pollfd, 2> entries{
        {{stop_.descriptor(), POLLIN, 0}, {connection_.socket.get(), POLLIN, 0}}};
    poll_until(entries, Clock::now() + options_.timeout);
    if (entries[1].revents != 0) unasked_byte_came();
  }

  // False when a signal came before the answer.
  bool send_one() {
    ++sent_;
    Outcome outcome = Outcome::lost;
    if (connection_ || reconnect()) {
      outcome = exchange();
    } else {
      why_ = "cannot connect: " + connection_.failure;
      if (stop_.came()) outcome = Outcome::interrupted;
    }
    switch (outcome) {
      case Outcome::echoed:
        return true;
      case Outcome::interrupted:
        --sent_;
        disconnect();  // its answer may still come, and is none that nobody asked for
        return false;
      case Outcome::corrupt:
        ++corrupt_;
        say("{}: seq={} corrupt: {}\n", connection_.peer, sent_, why_);
        break;
      case Outcome::lost:
        ++lost_;
        say("{}: seq={} lost: {}\n", options_.address.text(), sent_, why_);
        break;
    }
    disconnect();
    return true;
  }

  // Reads while it writes: no buffer on the way has to hold a whole message.
  Outcome exchange() {
    const std::uint64_t end = received_ + options_.size;
    std::uint64_t written = received_;
    const Clock::time_point start = Clock::now();
    while (received_ < end) {
      std::array<pollfd, 2> entries{
          {{stop_.descriptor(), POLLIN, 0}, {connection_.socket.get(), POLLIN, 0}}};
      if (written < end) entries[1].events |= POLLOUT;
      if (!poll_until(entries, start + options_.timeout)) {
        return lost("no answer within " + duration_text(options_.timeout));
      }
      if (entries[0].revents != 0) return Outcome::interrupted;
      if ((entries[1].revents & POLLOUT) != 0 && !write_some(written, end)) {
        return lost(std::generic_category().message(errno));
      }
      if ((entries[1].revents & ~POLLOUT) != 0) {
        const Outcome outcome = read_some(written, end);
        if (outcome != Outcome::echoed) return outcome;
      }
    }
    const nanoseconds time = Clock::now() - start;
    times_.record(time);
    say("{} bytes from {}: seq={} time={} ms\n", options_.size, connection_.peer, sent_,
        milliseconds(time));
    return Outcome::echoed;
  }

  Outcome lost(std::string why) {
    why_ = std::move(why);
    return Outcome::lost;
  }

  bool write_some(std::uint64_t& written, std::uint64_t end) {
    const auto chunk = std::span(buffer_).first(std::min<std::uint64_t>(kChunk, end - written));
    payload_.fill(stream_, written, chunk);
    const ssize_t count =
        ::send(connection_.socket.get(), chunk.data(), chunk.size(), MSG_NOSIGNAL);
    if (count < 0) return errno == EAGAIN || errno == EINTR;
    written += static_cast<std::uint64_t>(count);
    return true;
  }

  // Echoed: all that came so far is right.
  Outcome read_some(std::uint64_t written, std::uint64_t end) {
    const ssize_t count = ::recv(connection_.socket.get(), buffer_.data(), buffer_.size(), 0);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return Outcome::echoed;
    if (count <= 0) {
      return lost(fmt::format(
          "{} after {} of {} bytes",
          count == 0 ? "the server closed the connection" : std::generic_category().message(errno),
          options_.size - (end - received_), options_.size));
    }
    const auto bytes = std::span(buffer_).first(static_cast<std::size_t>(count));
    const std::uint64_t begin = end - options_.size;
    if (const auto wrong = payload_.first_difference(stream_, received_, bytes)) {
      const std::uint64_t position = received_ + *wrong;
      why_ = fmt::format("byte {} of {} is {:#04x} instead of {:#04x}", position - begin,
                         options_.size, bytes[*wrong], payload_.at(stream_, position));
      return Outcome::corrupt;
    }
    received_ += bytes.size();
    if (received_ <= written) return Outcome::echoed;
    why_ = fmt::format("{} bytes came back where {} were sent", received_ - begin, written - begin);
    return Outcome::corrupt;
  }

  int finish() {
    const double percent =
        sent_ == 0 ? 0.0 : 100.0 * static_cast<double>(lost_) / static_cast<double>(sent_);
    say("--- {}: {} sent, {} echoed, {} lost ({:.4g}%), {} corrupt\n", options_.address.text(),
        sent_, times_.count(), lost_, percent, corrupt_ + unexpected_);
    if (times_.count() > 0) {
      say("time min/avg/p50/p99/max = {}/{:.3f}/{}/{}/{} ms\n", milliseconds(times_.min()),
          times_.mean() / 1e6, milliseconds(times_.percentile(50)),
          milliseconds(times_.percentile(99)), milliseconds(times_.max()));
    }
    if (corrupt_ + unexpected_ > 0) return exit_corrupt;
    if (options_.count != 0 && !enough()) return exit_interrupted;
    return lost_ > 0 ? exit_failed : exit_ok;
  }

  const PingOptions& options_;
  const std::vector<Endpoint> endpoints_;
  const Payload payload_;
  const StopSignal stop_;
  std::vector<std::byte> buffer_ = std::vector<std::byte>(kChunk);

  Connection connection_;
  std::uint64_t stream_ = 0;    // which stream of the payload the connection carries
  std::uint64_t received_ = 0;  // bytes of that stream

  std::uint64_t sent_ = 0;
  std::uint64_t lost_ = 0;
  std::uint64_t corrupt_ = 0;
  std::uint64_t unexpected_ = 0;  // bytes that came between two messages
  std::string why_;
  Histogram times_;
};

}  // namespace

int run(const PingOptions& options) {
  return Ping(options, endpoints_to_connect(options.address)).run();
}

}  // namespace echo
