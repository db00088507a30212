#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <variant>
#include <vector>

#include <asio/ip/address.hpp>

#include "common/address.h"
#include "common/close_cause.h"
#include "common/descriptor.h"
#include "common/listening/counted_as.h"
#include "common/log_limit.h"
#include "common/mutex.h"
#include "server/core/access_list.h"
#include "server/core/connection_ceiling.h"

namespace echo {

enum class WhenFull {
  reject,  // accept a client and close it at once
  wait,    // leave it in the kernel's backlog until a place is free
};

// How many connections at once, and from whom.
struct AdmissionLimits {
  std::uint32_t max_connections = 10'000;
  std::uint32_t max_per_address = 0;  // per IPv4 address or IPv6 /64; 0: any number
  WhenFull when_full = WhenFull::reject;
  std::vector<Cidr> allow{};  // see AccessList
  std::vector<Cidr> deny{};
};

// Decides before a thread is spent whether a client is served. Clients of a unix socket have no
// address: for them only the number of all connections counts.
// Thread rule: one thread asks (the listener); limits are replaced and places given back by any.
class Admission {
  using Table = std::map<asio::ip::address, std::size_t>;

 public:
  // A connection's place; it goes with the connection and gives itself back when it is destroyed.
  // The Admission must outlive it.
  class Ticket {
   public:
    Ticket() = default;
    Ticket(Ticket&& other) noexcept
        : admission_(std::exchange(other.admission_, nullptr)),
          address_(other.address_),
          waits_(std::exchange(other.waits_, false)) {}
    Ticket& operator=(Ticket&& other) noexcept {
      if (this == &other) return *this;
      release();
      admission_ = std::exchange(other.admission_, nullptr);
      address_ = other.address_;
      waits_ = std::exchange(other.waits_, false);
      return *this;
    }
    ~Ticket() { release(); }

    // Gives the place back now.
    void release() {
      set_waits(false);
      if (auto* admission = std::exchange(admission_, nullptr)) admission->give_back(address_);
    }

    // While the connection waits for a thread, nobody else has room.
    void set_waits(bool waits) {
      if (admission_ != nullptr && std::exchange(waits_, waits) != waits) admission_->wait(waits);
    }

   private:
    friend class Admission;
    Ticket(Admission& admission, Table::iterator address)
        : admission_(&admission), address_(address) {}

    Admission* admission_ = nullptr;
    Table::iterator address_;
    bool waits_ = false;
  };

  // Throws std::invalid_argument when a block is both allowed and denied.
  explicit Admission(const AdmissionLimits& limits);

  // Replaces the limits, or throws as the constructor does and changes nothing. Connections that
  // have their place keep it.
  void configure(const AdmissionLimits& limits);

  // Where fewer connections are in reach than the limits say, those beyond wait in the backlog
  // whatever when_full is: nobody wanted them refused.
  void set_ceiling(const ConnectionCeiling& ceiling);

  // A ticket, or why the client is not served: denied, per_address or full.
  std::variant<Ticket, CloseCause> admit(const Endpoint& peer);

  // False while clients should wait in the backlog. Then room_event becomes readable as soon as
  // that is over.
  bool has_room();
  int room_event() const { return room_.descriptor(); }

  struct Counts {
    std::size_t connections = 0;
    std::size_t addresses = 0;  // from how many addresses they come
    std::size_t limit = 0;      // as it is now, on connections
  };
  Counts counts() const;

 private:
  void warn_if_lowered() const REQUIRES(mutex_);
  void warn_of_limit() noexcept REQUIRES(mutex_);
  bool has_room_now() const REQUIRES(mutex_);
  std::size_t limit() const REQUIRES(mutex_);
  void wake_if_room() REQUIRES(mutex_);
  void give_back(Table::iterator address);
  void wait(bool waits);

  WakeEvent room_;
  LogLimit limit_log_{std::chrono::minutes(1)};
  mutable Mutex mutex_;
  AdmissionLimits limits_ GUARDED_BY(mutex_);
  AccessList access_ GUARDED_BY(mutex_);
  ConnectionCeiling ceiling_ GUARDED_BY(mutex_);
  std::size_t connections_ GUARDED_BY(mutex_) = 0;
  std::size_t waiting_for_thread_ GUARDED_BY(mutex_) = 0;
  Table addresses_ GUARDED_BY(mutex_);  // only those that have a connection
  // has_room said no and nobody has signalled the event since.
  bool waiting_ GUARDED_BY(mutex_) = false;
};

}  // namespace echo
