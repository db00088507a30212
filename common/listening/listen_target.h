#pragma once

#include <initializer_list>
#include <vector>

#include "common/address.h"
#include "common/descriptor.h"

namespace echo {

// What an address to listen on stands for. Found while a start may still be interrupted, because a
// resolver may take long; bound later by open_sockets.
struct ListenTarget {
  std::vector<Endpoint> endpoints;
  bool v6_only = false;
  bool is_name = false;  // then endpoints that this machine does not have may be left out
};

// Throws std::runtime_error with a line for the user.
std::vector<ListenTarget> find_targets(const std::vector<Address>& addresses);

// Locks on the directories of unix paths (flock(2)), so that of two servers that start on one path
// at the same time only one finds it abandoned. To be held until the sockets are bound.
class DirectoryLocks {
 public:
  // Waits for other servers that are starting. A directory that cannot be read is not locked.
  explicit DirectoryLocks(std::initializer_list<const std::vector<ListenTarget>*> targets);

 private:
  std::vector<Descriptor> directories_;
};

}  // namespace echo
