#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/address.h"
#include "common/descriptor.h"
#include "common/listening/listen_target.h"

namespace echo {

// A bound, listening, non-blocking socket, in no io_context: whoever accepts from it waits in one
// of its own. Destroying it removes the path of a unix socket if that is still this socket's; an
// inherited socket is only closed, because other processes may share it.
class ListeningSocket {
 public:
  // Throws std::runtime_error that names the address. A unix socket has `unix_mode` from the moment
  // it can be seen, without one 0666 less the umask. A mode makes the umask of the process 0
  // meanwhile, which other threads share (umask(2)). A unix path on which nobody listens
  // any more is taken over, for which its directory should be locked; any other file there is an
  // error.
  static ListeningSocket open(const Endpoint& endpoint, int backlog, bool v6_only,
                              std::optional<mode_t> unix_mode = {});

  // A socket on which the process was told to listen. Throws std::runtime_error.
  static ListeningSocket inherited(Descriptor socket);

  ListeningSocket(ListeningSocket&&) = default;
  ListeningSocket& operator=(ListeningSocket&&) = delete;
  ~ListeningSocket();

  int descriptor() const { return socket_.get(); }

  // The address really bound.
  Endpoint endpoint() const;
  std::string address() const { return to_text(endpoint()); }

 private:
  explicit ListeningSocket(Descriptor socket) : socket_(std::move(socket)) {}
  void remember_path(const std::string& path);

  Descriptor socket_;
  std::string path_;  // of a unix socket that is not inherited
  dev_t device_ = 0;  // of the file at path_, as it was when it was bound
  ino_t inode_ = 0;
};

// Sockets on all endpoints of all targets. Throws std::runtime_error with a line for the user. What
// a name stands for and this machine does not have, such as ::1 without IPv6, is only reported on
// standard error while the name has another address.
std::vector<ListeningSocket> open_sockets(const std::vector<ListenTarget>& targets, int backlog,
                                          std::optional<mode_t> unix_mode = {});

}  // namespace echo
