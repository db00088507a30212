#include "server/process/privileges.h"

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace echo {

Privileges::Privileges(std::string user) : user_(std::move(user)) {
  if (user_.empty()) return;
  errno = 0;
  const passwd* entry = ::getpwnam(user_.c_str());
  if (entry == nullptr) {
    // getpwnam(3): any of these, or none, says that there is no such user.
    const bool unknown = errno == 0 || errno == ENOENT || errno == ESRCH;
    refuse(unknown ? "there is no such user" : std::strerror(errno));
  }
  if (entry->pw_uid == 0) refuse("that is root; name a user without privileges");
  if (::geteuid() != 0) refuse("only root can become another user");
  uid_ = entry->pw_uid;
  gid_ = entry->pw_gid;
}

void Privileges::drop() const {
  if (user_.empty()) return;
  // The groups first: afterwards it may not change them.
  if (::initgroups(user_.c_str(), gid_) != 0 || ::setresgid(gid_, gid_, gid_) != 0 ||
      ::setresuid(uid_, uid_, uid_) != 0) {
    refuse(std::strerror(errno));
  }
  uid_t real = 0;
  uid_t effective = 0;
  uid_t saved = 0;
  ::getresuid(&real, &effective, &saved);
  const bool is_user = real == uid_ && effective == uid_ && saved == uid_;
  // With a capability left over, which some security bits keep, there is a way back.
  if (!is_user || ::setuid(0) == 0) refuse("the privileges of root could not be dropped");
}

void Privileges::refuse(const std::string& why) const {
  throw std::runtime_error(fmt::format("cannot run as user '{}': {}", user_, why));
}

}  // namespace echo
