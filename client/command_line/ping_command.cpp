#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "client/command_line/client_options.h"
#include "client/command_line/commands.h"
#include "common/options/option_kinds.h"

namespace echo {
namespace {

OptionSpec distinct_addresses_argument(std::vector<Address>& addresses) {
  OptionSpec option = addresses_argument(addresses);
  option.parse = [&addresses](const std::string& text) {
    const Address address = Address::parse_peer(text);
    const auto is_same = [&](const Address& other) { return other.text() == address.text(); };
    if (std::ranges::any_of(addresses, is_same)) {
      throw std::invalid_argument(fmt::format("'{}' is given twice; give it once", text));
    }
    addresses.push_back(address);
  };
  return option;
}

}  // namespace

CommandSpec ping_command(PingOptions& options) {
  OptionSpec count =
      count_option("-n,-c,--count", options.count, "End after N messages", {.lowest = 1});
  count.initial = "endless";
  CommandSpec command{
      .name = "ping",
      .summary = "Send one small verified message per interval, and sum up the times",
      .options = {distinct_addresses_argument(options.addresses),
                  duration_option("-i,--interval", options.interval, "From one message to the next",
                                  kLongerThanZero),
                  count,
                  size_option("-s,--size", options.size, "Bytes of a message",
                              {.lowest = 1, .highest = std::uint64_t{1} << 30}),
                  known_as("-w -W --deadline", timeout_option(options.timeout)),
                  connect_timeout_option(options.connect_timeout),
                  seed_option(options.seed, "The same N repeats the same payload"),
                  address_option(
                      "--metrics", options.metrics,
                      "Address for /metrics (Prometheus), /healthz and /readyz; :port is "
                      "all interfaces"),
                  flag_option("-D,--timestamps", options.timestamps,
                              "Seconds since 1970 before each line except the summary"),
                  flag_option("-q,--quiet", options.quiet,
                              "Only the summary, and lines of wrong bytes")},
      .sections = {
          {.text = "Every byte of an answer is compared. A lost connection is reconnected for the "
                   "next message. With one address, ping ends if its first connection fails. With "
                   "several, or with --metrics, it keeps trying and counts the messages as lost. "
                   "Each address has its own schedule, lines and summary."},
          {.title = "Exit status",
           .rows = {{"0", "All came back"},
                    {"1", "No connection, or something was lost"},
                    {"2", "Wrong usage"},
                    {"4", "Bytes came back wrong"},
                    {"130", "Interrupted before N was reached"}}},
          {.title = "Examples",
           .rows = {{"echoc ping 127.0.0.1:7007", "One message per second until Ctrl-C"},
                    {"echoc ping -n 100 -i 10ms -s 1k [::1]:7007", ""},
                    {"echoc ping -q a:7 b:7 c:7", "Three servers at once, three summaries"},
                    {"echoc ping -q --metrics 127.0.0.1:9108 a:7 b:7",
                     "For Prometheus, until Ctrl-C"}}}}};
  for (OptionSpec& option : socket_options(options.socket)) {
    command.options.push_back(std::move(option));
  }
  return command;
}

}  // namespace echo
