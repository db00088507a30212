#include "server/process/signal_loop.h"

#include <chrono>
#include <csignal>
#include <deque>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "server/config/option_table.h"

namespace echo {
namespace {

// Mostly for want of memory, and then there may be none for the line either.
void log_failed_signal(const char* why) noexcept {
  try {
    log_event(Level::err, "signal_failed", "a signal could not be obeyed: {why}",
              {{"why", std::string(why)}});
  } catch (...) {
  }
}

}  // namespace

SignalLoop::SignalLoop(Signals& signals, Logging& logging, Server& server, ServiceManager& manager,
                       Options started_with, ReadOptions read_options, ReloadState& reload_state)
    : signals_(signals),
      logging_(logging),
      server_(server),
      manager_(manager),
      started_with_(std::move(started_with)),
      read_options_(std::move(read_options)),
      reload_state_(reload_state),
      log_(started_with_.log) {}

Server::Report SignalLoop::run() {
  wait_for_signal();
  stop_at(failed_);
  context_.run();

  // A reload that comes while it drains no longer changes this.
  const std::chrono::nanoseconds patience = server_.drain_timeout();
  manager_.stopping(patience);
  server_.drain();
  stop_at(all_finished_);
  context_.restart();
  // Not a steady_timer, which may need memory for its first wait.
  context_.run_for(patience);
  return server_.finish();
}

void SignalLoop::wait_for_signal() {
  const auto obey_it = [this](const asio::error_code&) {
    if (obey(signals_.take().value_or(0))) context_.stop();
    wait_for_signal();
  };
  signal_.source.async_wait(asio::posix::descriptor_base::wait_read, signal_.memory.bind(obey_it));
}

void SignalLoop::stop_at(Event& event) {
  event.source.async_wait(asio::posix::descriptor_base::wait_read,
                          event.memory.bind([this](const asio::error_code&) { context_.stop(); }));
}

// Returns whether it is one to stop. Whatever goes wrong with another one costs that one only.
bool SignalLoop::obey(int signal) noexcept {
  if (signal == SIGHUP) manager_.reloading();
  try {
    if (signal == SIGHUP) reload();
    if (signal == SIGUSR1) log_counters();
  } catch (const std::exception& error) {
    log_failed_signal(error.what());
  }
  if (signal == SIGHUP) manager_.ready();
  return signal == SIGTERM || signal == SIGINT;
}

void SignalLoop::reload() {
  Options wanted;
  try {
    wanted = read_options_();
    server_.reconfigure(wanted);
  } catch (const std::exception& error) {
    reload_state_.failed();
    // The log file may have been rotated all the same.
    reopen_log(log_);
    logging_.report(Level::err, "reload_failed", "reload failed: {why}", {{"why", error.what()}});
    return;
  }
  reload_state_.succeeded();
  reopen_log(wanted.log);
  for (const std::string& key : changed_but_need_restart(wanted, started_with_)) {
    log_event(Level::warn, "not_reloadable", "{key} changed; restart echod to apply it",
              {{"key", key}});
  }
  log_event(Level::info, "reloaded", "configuration reloaded", {});
}

void SignalLoop::reopen_log(LogSettings settings) {
  // Its standard error is /dev/null: every line would be lost.
  const bool to_nowhere =
      settings.file.empty() && started_with_.daemon && !started_with_.log.file.empty();
  if (to_nowhere) {
    settings.file = log_.file;
    log_event(Level::warn, "log_not_opened",
              "the log stays in {file}: a daemon has no standard error to log to",
              {{"file", log_.file}});
  }
  try {
    logging_.reconfigure(settings);
    log_ = settings;
  } catch (const std::exception& error) {
    logging_.report(Level::warn, "log_not_opened", "the log stays where it is: {why}",
                    {{"why", error.what()}});
  }
}

void SignalLoop::log_counters() const {
  std::deque<std::string> names;  // a field only refers to its name
  std::vector<LogField> fields;
  for (const Counter& counter : counters_of(server_.counters())) {
    names.emplace_back(counter.name);
    if (!counter.label.empty()) names.back() += '_' + std::string(counter.label_value);
    fields.push_back({names.back(), counter.value});
  }
  const SessionDriver::Counts threads = server_.threads();
  fields.insert(fields.end(), {{"workers_busy", threads.busy},
                               {"workers_parked", threads.parked},
                               {"workers_created", threads.created},
                               {"workers_failed", threads.failed},
                               {"shared_workers", threads.shared},
                               {"log_lines_dropped", logging_.dropped()}});
  std::string text = "counters:";
  for (const LogField& field : fields) {
    text += ' ' + std::string(field.name) + "={" + std::string(field.name) + '}';
  }
  log_event(Level::info, "counters", text, fields);
}

}  // namespace echo
