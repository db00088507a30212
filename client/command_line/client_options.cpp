#include "client/command_line/client_options.h"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

#include "common/options/option_kinds.h"

namespace echo {
void for_each_part(std::string_view list, const std::function<void(std::string_view)>& take) {
  while (true) {
    const std::size_t comma = list.find(',');
    take(list.substr(0, comma));
    if (comma == list.npos) return;
    list.remove_prefix(comma + 1);
  }
}

OptionSpec known_as(std::string aliases, OptionSpec option) {
  option.aliases = std::move(aliases);
  return option;
}

OptionSpec peer_argument(Address& address) {
  OptionSpec option = option_of(
      "ADDR", "",
      "The server: host:port, [v6]:port, :port (this machine), unix:/path or unix:@name (abstract)",
      [&address](const std::string& text) { address = Address::parse_peer(text); },
      [&address] { return address.text(); });
  option.initial.clear();
  option.required = true;
  return option;
}

OptionSpec addresses_argument(std::vector<Address>& addresses) {
  OptionSpec option = option_of(
      "ADDR", "",
      "The servers, side by side: host:port, [v6]:port, :port (this machine), unix:/path or "
      "unix:@name (abstract)",
      [&addresses](const std::string& text) { addresses.push_back(Address::parse_peer(text)); },
      [] { return std::string(); });
  option.clear = [&addresses] { addresses.clear(); };
  option.required = true;
  return option;
}

OptionSpec files_argument(std::vector<std::string>& files, std::string help) {
  OptionSpec option = option_of(
      "FILE", "", std::move(help),
      [&files](const std::string& text) {
        if (text.empty()) throw std::invalid_argument("'' is not the name of a file");
        files.push_back(text);
      },
      [] { return std::string(); });
  option.clear = [&files] { files.clear(); };
  option.required = true;
  return option;
}

OptionSpec timeout_option(std::chrono::nanoseconds& value) {
  return known_as(
      "-W --deadline",
      duration_option("--timeout", value, "How long to wait for an answer", kLongerThanZero));
}

OptionSpec connect_timeout_option(std::chrono::nanoseconds& value) {
  return duration_option(
      "--connect-timeout", value,
      "How long to try the server; if a name has several addresses, all but the last have 1s at "
      "most",
      kLongerThanZero);
}

std::vector<OptionSpec> socket_options(SocketOptions& options) {
  constexpr CountRange kBuffer{.lowest = 1, .highest = std::uint64_t{1} << 30};
  OptionSpec dscp = option_of(
      "--dscp", "DSCP", "Mark of each packet: CS0 to CS7, AF11 to AF43, EF, VA, LE or 0 to 63",
      [&options](const std::string& text) { options.dscp = parse_dscp(text); },
      [&options] { return options.dscp ? std::to_string(*options.dscp) : std::string(); });
  OptionSpec send = size_option("--send-buffer", options.send_buffer,
                                "What the kernel is asked to buffer of what is sent", kBuffer);
  OptionSpec receive =
      size_option("--receive-buffer", options.receive_buffer, "The same of what has come", kBuffer);
  for (OptionSpec* const option : {&dscp, &send, &receive}) option->initial.clear();
  return {std::move(dscp),
          text_option("--congestion", "NAME", "a congestion control such as cubic",
                      options.congestion, "Congestion control of TCP"),
          std::move(send), std::move(receive),
          flag_option("--no-nodelay", options.no_nodelay,
                      "Let small messages wait for acknowledgements (Nagle)")};
}

OptionSpec percentiles_option(Percentiles& percentiles) {
  const auto parse = [&percentiles](const std::string& text) {
    Percentiles given;
    for_each_part(text, [&](std::string_view part) { given.push_back(parse_percentile(part)); });
    percentiles = given;
  };
  return option_of("--percentiles", "LIST", "Percentiles to report", parse,
                   [&percentiles] { return percentiles_text(percentiles); });
}

OptionSpec hgrm_option(std::string& file) {
  return file_option("--hgrm", file, "Write the percentile distribution, in milliseconds");
}

OptionSpec json_option(std::string& file) {
  return file_option("--json", file,
                     "Write the result as JSON; - for standard output in place of the text");
}

OptionSpec objectives_option(std::vector<Objective>& objectives) {
  OptionSpec option = option_of(
      "--slo", "EXPR", "Objective, such as p99<5ms; exit status 3 if it is missed",
      [&objectives](const std::string& text) {
        for_each_part(text, [&](auto part) { objectives.push_back(Objective::parse(part)); });
      },
      [&objectives] {
        std::vector<std::string> texts;
        for (const Objective& objective : objectives) texts.push_back(objective.text);
        return fmt::format("{}", fmt::join(texts, ","));
      });
  option.clear = [&objectives] { objectives.clear(); };
  return option;
}

OptionSpec no_picture_option(bool& value) {
  return flag_option("--no-picture", value, "No bars of the latencies in the report");
}

OptionSpec seed_option(std::uint64_t& value, std::string help) {
  OptionSpec option = count_option("--seed", value, std::move(help));
  option.initial = "random";
  return option;
}

}  // namespace echo
