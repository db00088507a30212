#pragma once

#include <nlohmann/json.hpp>

#include "client/results/result.h"
#include "common/socket_options.h"

namespace echo {

// What was asked for (null: the kernel's choice), and what a socket really had.
nlohmann::ordered_json socket_json(const SocketOptions& asked);
nlohmann::ordered_json socket_json(const EffectiveSocket& effective);

// The socket options in a JSON result's "options": what was asked for (null: the kernel's choice),
// and as "effective" what a socket really had (null: none was connected).
nlohmann::ordered_json socket_json(const Result& result);

// Takes both from there. What an older version did not write stays as it is.
void read_socket(Result& result, const nlohmann::json& options);

}  // namespace echo
