#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "common/address.h"
#include "common/descriptor.h"
#include "common/poll.h"

namespace echo {

// Resolves the name of a server, again and again, without ever holding up its owner. Nothing can
// interrupt getaddrinfo(3), and a thread that is in it can't be joined; so a name is resolved by a
// child process, which can be killed. An address that is not a name needs no process.
// Thread rule: one thread, and made before any other thread: the child is a copy of this one.
class Resolver {
 public:
  struct Answer {
    std::vector<Endpoint> endpoints;
    std::string failure;  // what went wrong, if there are no endpoints
  };

  explicit Resolver(const Address& address);  // throws std::system_error
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;
  ~Resolver();

  // Whether it stands for a name, which may mean another address later.
  bool is_name() const { return child_ > 0; }

  // Asks again, unless it has asked within the last second or an answer is on its way. Whether
  // there is an answer to wait for.
  bool ask(SteadyTime now);
  int descriptor() const { return channel_.get(); }  // readable when an answer is there
  std::optional<Answer> take();

  // Asks at once and waits for the endpoints, also of an address that is not a name; nothing if
  // `interrupt` (a descriptor, -1 for none) becomes readable before. Throws std::runtime_error if
  // there are none.
  std::optional<std::vector<Endpoint>> resolve(int interrupt);

 private:
  const Address address_;
  Descriptor channel_;
  pid_t child_ = -1;
  bool asked_ = false;
  SteadyTime not_before_ = SteadyTime::min();
};

}  // namespace echo
