#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "client/results/objective.h"
#include "client/results/percentiles.h"
#include "common/address.h"
#include "common/options/option_spec.h"
#include "common/socket_options.h"

namespace echo {

// Options that several commands have.

OptionSpec peer_argument(Address& address);
OptionSpec addresses_argument(std::vector<Address>& addresses);
// The names of saved results.
OptionSpec files_argument(std::vector<std::string>& files, std::string help);
OptionSpec timeout_option(std::chrono::nanoseconds& value);
OptionSpec connect_timeout_option(std::chrono::nanoseconds& value);
OptionSpec percentiles_option(Percentiles& percentiles);
OptionSpec hgrm_option(std::string& file);
OptionSpec json_option(std::string& file);
OptionSpec objectives_option(std::vector<Objective>& objectives);
OptionSpec no_picture_option(bool& value);
// Shows "random" as its default: the value itself is another one each time.
OptionSpec seed_option(std::uint64_t& value, std::string help);

// --dscp, --congestion, --send-buffer, --receive-buffer and --no-nodelay.
std::vector<OptionSpec> socket_options(SocketOptions& options);

// Passes each part of "a,b,c" on.
void for_each_part(std::string_view list, const std::function<void(std::string_view)>& take);

OptionSpec known_as(std::string aliases, OptionSpec option);

}  // namespace echo
