#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <vector>

#include "client/load/schedule.h"
#include "common/address.h"
#include "common/descriptor.h"
#include "common/mutex.h"

namespace echo::load {

// What a generator is told when all of them have connected.
struct Start {
  Timeline timeline;
  Schedule schedule;
  std::uint64_t first = 0;  // its connections are those from this number on
};

// Between a generator's thread and its owner. Each call says which of them may make it.
class Mailbox {
 public:
  enum class Stage { connecting, ready, running, measured, finished };
  enum class Stop { no, soon, now };

  // `news` is signalled when the owner has something to ask.
  explicit Mailbox(WakeEvent& news) : news_(news) {}

  // The owner.
  void start(const Start& start);
  void stop(Stop how);
  void send_addresses(const std::vector<Endpoint>& endpoints);
  Stage stage() const { return stage_; }
  bool wants_addresses() { return wants_addresses_.exchange(false); }

  // The thread.
  int descriptor() const {
    return wake_.descriptor();
  }  // readable when the owner has said something
  void clear() { wake_.clear(); }
  bool has_started() const { return started_; }
  const Start& start() const { return start_; }  // REQUIRES: has_started()
  Stop stop() const { return stop_; }
  std::optional<std::vector<Endpoint>> take_addresses();
  void report(Stage stage);
  void want_addresses();

 private:
  WakeEvent& news_;
  WakeEvent wake_;
  std::atomic<bool> started_{false};
  std::atomic<Stop> stop_{Stop::no};
  std::atomic<Stage> stage_{Stage::connecting};
  std::atomic<bool> wants_addresses_{false};
  Start start_;  // written before started_ is set
  Mutex mutex_;
  std::optional<std::vector<Endpoint>> addresses_ GUARDED_BY(mutex_);
};

}  // namespace echo::load
