#include "client/command_line/option_parsing.h"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

#include <CLI/CLI.hpp>

#include "common/units.h"

namespace echo {

CLI::Option* add_text(CLI::App& app, const std::string& names, const std::string& type,
                      std::function<void(const std::string&)> parse, const std::string& help,
                      const std::string& initial) {
  const auto take = [names, parse = std::move(parse)](const CLI::results_t& texts) {
    try {
      for (const std::string& text : texts) parse(text);
    } catch (const std::invalid_argument& error) {
      throw CLI::ValidationError(names, error.what());
    }
    return true;
  };
  CLI::Option* option =
      app.add_option(names, take, initial.empty() ? help : help + " [" + initial + "]");
  option->type_size(1)->type_name(type)->option_text(type);
  return option;
}

void add_address(CLI::App& app, Address& address) {
  add_text(
      app, "ADDR", "", [&address](const std::string& text) { address = Address::parse(text); },
      "The server: host:port, [v6]:port, :port (this machine) or unix:/path")
      ->required();
}

CLI::Option* add_duration(CLI::App& app, const std::string& names, std::chrono::nanoseconds& value,
                          const std::string& help, Zero zero) {
  const auto parse = [&value, zero](const std::string& text) {
    value = parse_duration(text);
    if (value.count() == 0 && zero == Zero::refused) {
      throw std::invalid_argument(
          fmt::format("'{}' is not a duration greater than 0, such as 100ms or 5s", text));
    }
  };
  return add_text(app, names, "D", parse, help, value.count() == 0 ? "0" : duration_text(value));
}

CLI::Option* add_count(CLI::App& app, const std::string& names, std::uint64_t& value,
                       const std::string& help, const std::string& initial, Zero zero) {
  const auto parse = [&value, zero](const std::string& text) {
    value = parse_count(text);
    if (zero == Zero::refused) at_least_one(value, text);
  };
  return add_text(app, names, "N", parse, help, initial);
}

void add_connect_timeout(CLI::App& app, std::chrono::nanoseconds& value) {
  add_duration(app, "--connect-timeout", value, "How long to try each address of the server");
}

std::uint64_t at_least_one(std::uint64_t value, const std::string& text) {
  if (value == 0) throw std::invalid_argument(fmt::format("'{}' is too small: at least 1", text));
  return value;
}

}  // namespace echo
