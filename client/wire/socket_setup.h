#pragma once

#include "common/address.h"
#include "common/socket_options.h"

namespace echo {

// Gives a socket that is not yet connected what was asked for, so that its first packet has it too.
// Returns 0, or the errno of what the kernel refused. Any thread.
int set_up_socket(int socket, const SocketOptions& options);

// What the kernel made of it. Any thread.
EffectiveSocket effective_socket(int socket);

// Tries them on a socket that is never connected. Throws UsageError for a value that cannot be
// right, and std::runtime_error for one that this process may not use.
void check_socket_options(const SocketOptions& options, const Address& address);

}  // namespace echo
