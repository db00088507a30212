#include "server/core/connection_log.h"

#include <exception>
#include <string>
#include <vector>

#include "common/logging.h"

namespace echo {
namespace {

constexpr std::string_view kClosedText =
    "client {client} closed: {cause}, in={in} out={out}, lasted {lasted_s:.3f} s, from {address}";

}  // namespace

void ConnectionLog::connected(std::uint64_t number, std::string_view address) {
  if (!logs(Level::debug)) return;
  log_event(Level::debug, "connected", "client {client} connected from {address}",
            {{"client", number}, {"address", std::string(address)}});
}

void ConnectionLog::closed(const ClosedConnection& connection, std::string_view why) {
  const CloseCause cause = connection.cause;
  const bool by_client = cause == CloseCause::peer_closed || cause == CloseCause::peer_reset;
  const Level level = by_client ? Level::debug : why.empty() ? Level::info : Level::warn;
  if (!logs(level)) return;
  std::uint64_t suppressed = 0;
  if (!by_client) {
    const auto allowed = limits_[static_cast<std::size_t>(cause)].allow();
    if (!allowed) return;
    suppressed = *allowed;
  }
  const std::chrono::duration<double> lasted = connection.lasted;
  std::vector<LogField> fields{{"client", connection.number},
                               {"address", std::string(connection.address)},
                               {"cause", std::string(name(cause))},
                               {"in", connection.received},
                               {"out", connection.sent},
                               {"lasted_s", lasted.count()}};
  std::string text(kClosedText);
  if (!why.empty()) {
    text += ": {why}";
    fields.push_back({"why", std::string(why)});
  }
  if (suppressed > 0) fields.push_back({"suppressed", suppressed});
  log_event(level, "closed", with_suppressed(text, suppressed), fields);
}

void ConnectionLog::tell_suppressed() noexcept try {
  for (std::size_t i = 0; i < limits_.size(); ++i) {
    const std::uint64_t suppressed = limits_[i].take_suppressed();
    if (suppressed == 0) continue;
    log_event(
        Level::info, "suppressed",
        with_suppressed("clients closed without a line: {cause}", suppressed),
        {{"cause", std::string(name(static_cast<CloseCause>(i)))}, {"suppressed", suppressed}});
  }
} catch (const std::exception&) {  // no memory for the line
}

void ConnectionLog::failed(std::string_view why) noexcept {
  failed_.log(Level::err, "session_failed", "a session ended by an exception: {what}", why);
}

}  // namespace echo
