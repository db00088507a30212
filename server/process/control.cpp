#include "server/process/control.h"

#include <csignal>
#include <deque>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "common/close_cause.h"
#include "server/config/settings.h"

namespace echo {

Control::Control(Signals& signals, Logging& logging, Server& server, ServiceManager& manager,
                 Options started_with, ReadOptions read_options)
    : signals_(signals),
      logging_(logging),
      server_(server),
      manager_(manager),
      started_with_(std::move(started_with)),
      read_options_(std::move(read_options)),
      log_(started_with_.log) {}

Server::Report Control::run() {
  manager_.ready();
  while (!take_signal()) {
  }
  manager_.stopping();
  return server_.stop(signals_.descriptor(), [this] { return take_signal(); });
}

// Returns whether it is one to stop.
bool Control::take_signal() {
  switch (signals_.take()) {
    case SIGHUP:
      manager_.reloading();
      reload();
      manager_.ready();
      return false;
    case SIGUSR1:
      log_counters();
      return false;
    default:
      return true;
  }
}

void Control::reload() {
  Options wanted;
  try {
    wanted = read_options_();
    server_.reconfigure(wanted);
  } catch (const std::exception& error) {
    // The log file may have been rotated all the same.
    open_log_again(log_);
    log_event(Level::err, "reload_failed", "configuration not taken: {why}",
              {{"why", error.what()}});
    return;
  }
  open_log_again(wanted.log);
  for (const std::string& key : not_reloadable(wanted, started_with_)) {
    log_event(Level::warn, "not_reloadable", "{key} stays as it is until echod is started again",
              {{"key", key}});
  }
  log_event(Level::info, "reloaded", "configuration taken", {});
}

void Control::open_log_again(const LogSettings& settings) {
  try {
    logging_.reconfigure(settings);
    log_ = settings;
  } catch (const std::exception& error) {
    log_event(Level::warn, "log_not_opened", "the log stays where it is: {why}",
              {{"why", error.what()}});
  }
}

void Control::log_counters() const {
  const StatsSnapshot counters = server_.counters();
  const Workers::Counts threads = server_.threads();
  std::vector<LogField> fields{
      {"accepted", counters.accepted},          {"live", counters.live},
      {"bytes_in", counters.bytes_in},          {"bytes_out", counters.bytes_out},
      {"workers_busy", threads.busy},           {"workers_parked", threads.parked},
      {"workers_created", threads.created},     {"workers_failed", threads.failed},
      {"log_lines_dropped", logging_.dropped()}};
  std::deque<std::string> names;  // a field only refers to its name
  for (int i = 1; i < kCloseCauses; ++i) {
    const auto cause = static_cast<CloseCause>(i);
    names.push_back("closed_" + std::string(name(cause)));
    fields.push_back({names.back(), counters.closed_as(cause)});
  }
  for (int i = 0; i < kAcceptErrors; ++i) {
    const auto kind = static_cast<AcceptError>(i);
    names.push_back("accept_errors_" + std::string(name(kind)));
    fields.push_back({names.back(), counters.failed_as(kind)});
  }
  std::string text = "counters:";
  for (const LogField& field : fields) {
    text += ' ' + std::string(field.name) + "={" + std::string(field.name) + '}';
  }
  log_event(Level::info, "counters", text, fields);
}

}  // namespace echo
