#pragma once

#include <sys/types.h>

#include <string>

namespace echo {

// The user as whom the server goes on once it has bound what only root may bind.
// Thread rule: the owner's thread alone; drop holds for all threads (nptl(7)).
class Privileges {
 public:
  // A name or a number; without one nothing changes. Throws std::runtime_error for a user that is
  // unknown or root, or whom this process can't become. No program that it executes gains rights
  // from then on; made before any other thread, which inherit that.
  explicit Privileges(std::string user);

  // Takes the user's id, group and groups for good. Throws std::exception when that is not so.
  void drop() const;

 private:
  void give_up_gains() const;
  [[noreturn]] void refuse(const std::string& why) const;

  const std::string user_;  // as it was asked for, a number too
  std::string name_;
  uid_t uid_ = 0;
  gid_t gid_ = 0;
};

}  // namespace echo
