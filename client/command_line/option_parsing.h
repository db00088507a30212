#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include <CLI/App.hpp>

#include "common/address.h"

namespace echo {

// An option or positional whose text `parse` takes; what it refuses with std::invalid_argument is a
// usage error that names the option. `initial` is the default for the help, if there is one to
// show.
CLI::Option* add_text(CLI::App& app, const std::string& names, const std::string& type,
                      std::function<void(const std::string&)> parse, const std::string& help,
                      const std::string& initial = {});

void add_address(CLI::App& app, Address& address);

enum class Zero { refused, allowed };
CLI::Option* add_duration(CLI::App& app, const std::string& names, std::chrono::nanoseconds& value,
                          const std::string& help, Zero zero = Zero::refused);
CLI::Option* add_count(CLI::App& app, const std::string& names, std::uint64_t& value,
                       const std::string& help, const std::string& initial,
                       Zero zero = Zero::refused);
void add_connect_timeout(CLI::App& app, std::chrono::nanoseconds& value);

std::uint64_t at_least_one(std::uint64_t value, const std::string& text);

}  // namespace echo
