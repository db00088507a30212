#pragma once

#include <atomic>
#include <cstdint>
#include <exception>

#include "client/load/interval_queue.h"
#include "client/load/job.h"
#include "client/load/load_loop.h"
#include "client/load/mailbox.h"
#include "common/descriptor.h"
#include "common/thread.h"

namespace echo::load {

// One thread with its share of the connections: a load loop, and what its owner needs to speak with
// it. Destroying it ends the thread. Thread rule: the owner's.
class Generator {
 public:
  // `news` is signalled when there is something to ask or to take.
  Generator(const Job& job, unsigned number, std::uint64_t connections, std::uint64_t first,
            WakeEvent& news);
  Generator(const Generator&) = delete;
  Generator& operator=(const Generator&) = delete;
  ~Generator();

  Mailbox& mailbox() { return mailbox_; }
  Mailbox::Stage stage() const { return mailbox_.stage(); }
  IntervalQueue& intervals() { return intervals_; }

  // Connections that stand. REQUIRES: a stage of ready or later.
  std::uint64_t made() const { return loop_.made(); }

  // Whether an exception has ended the thread, which join() throws.
  bool has_failed() const { return failed_.load(std::memory_order_acquire); }

  // Waits for the thread's end, and throws what ended it if anything did.
  void join();
  // REQUIRES: join().
  const LoadLoop& loop() const { return loop_; }

 private:
  void run();

  const std::uint64_t connections_;
  const std::uint64_t first_;
  Mailbox mailbox_;
  IntervalQueue intervals_;
  LoadLoop loop_;
  std::exception_ptr failure_;  // written by the thread, read after its end
  std::atomic<bool> failed_{false};
  Thread thread_;
};

}  // namespace echo::load
