#pragma once

#include <string>
#include <vector>

namespace echo {

// "key = value" or "key = [value, value]"; the values of a key that stands there twice are one
// list.
struct ConfigEntry {
  std::string key;
  std::vector<std::string> values;
};

// Reads a configuration file in CLI11's format (INI and simple TOML). Throws UsageError, with the
// file's name, for anything but a readable regular file of a sane size.
std::vector<ConfigEntry> read_config_file(const std::string& file);

}  // namespace echo
