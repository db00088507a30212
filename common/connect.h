#pragma once

#include <functional>

#include "common/address.h"
#include "common/descriptor.h"

namespace echo {

// A non-blocking connect(2) that has begun, or the reason why it could not.
struct ConnectAttempt {
  Descriptor socket;           // none if it could not begin
  int error = 0;               // 0: connected already; EINPROGRESS: poll it for writing
  bool source_failed = false;  // the error is that of binding the source address
};

// Begins to connect a stream socket, over TCP without Nagle's delay. Never waits and never throws.
// With a source (null: the kernel chooses) the socket is bound to that address, any port. Before it
// connects, `prepare` gets the socket and returns 0 or an errno.
ConnectAttempt start_connect(const Endpoint& to, const Endpoint* source = nullptr,
                             const std::function<int(int socket)>& prepare = {});

// Asks the kernel to refuse descriptors that the other side passes over a unix socket (unix(7),
// SCM_RIGHTS); what is accepted from a listening socket inherits it. Whoever throws such a message
// away closes what is in it, and closing may block for as long as its sender likes: a TCP socket
// with SO_LINGER whose peer acknowledges nothing. Before Linux 6.16 the kernel knows no such
// option.
void refuse_descriptors(int unix_socket);

// Once the socket is writable: 0 if it is connected, or the errno of what went wrong.
int connect_error(int socket);

}  // namespace echo
