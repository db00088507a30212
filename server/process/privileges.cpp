#include "server/process/privileges.h"

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <stdexcept>
#include <utility>

#include "common/error_text.h"

namespace echo {
namespace {

// A name of digits only goes before a number, as in chown(1).
const passwd* by_number(const std::string& user) {
  uid_t id = 0;
  const char* const end = user.data() + user.size();
  const auto [stop, error] = std::from_chars(user.data(), end, id);
  return error == std::errc{} && stop == end ? ::getpwuid(id) : nullptr;
}

}  // namespace

Privileges::Privileges(std::string user) : user_(std::move(user)) {
  if (user_.empty()) return;
  errno = 0;
  const passwd* entry = ::getpwnam(user_.c_str());
  if (entry == nullptr) entry = by_number(user_);
  if (entry == nullptr) {
    // getpwnam(3): any of these, or none, says that there is no such user.
    const bool unknown = errno == 0 || errno == ENOENT || errno == ESRCH;
    refuse(unknown ? "there is no such user" : error_text(errno));
  }
  if (entry->pw_uid == 0) refuse("that is root; name a user without privileges");
  if (::geteuid() != 0) refuse("only root can become another user");
  name_ = entry->pw_name;
  uid_ = entry->pw_uid;
  gid_ = entry->pw_gid;
  give_up_gains();
}

void Privileges::drop() const {
  if (user_.empty()) return;
  // The groups first: afterwards it may not change them.
  if (::initgroups(name_.c_str(), gid_) != 0 || ::setresgid(gid_, gid_, gid_) != 0 ||
      ::setresuid(uid_, uid_, uid_) != 0) {
    refuse(error_text(errno));
  }
  uid_t real = 0;
  uid_t effective = 0;
  uid_t saved = 0;
  ::getresuid(&real, &effective, &saved);
  const bool is_user = real == uid_ && effective == uid_ && saved == uid_;
  // With a capability left over, which some security bits keep, there is a way back.
  if (!is_user || ::setuid(0) == 0) refuse("the privileges of root could not be dropped");
}

// Of set-user-id programs and of file capabilities.
void Privileges::give_up_gains() const {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) refuse(error_text(errno));
  // The bounding set too, which needs a capability that a container may lack; then it has little.
  for (unsigned long capability = 0; ::prctl(PR_CAPBSET_READ, capability) >= 0; ++capability) {
    ::prctl(PR_CAPBSET_DROP, capability);
  }
}

void Privileges::refuse(const std::string& why) const {
  throw std::runtime_error(fmt::format("cannot run as user '{}': {}", user_, why));
}

}  // namespace echo
