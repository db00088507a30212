#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "server/config/command_line.h"

namespace echo {

// One member of an Options as users meet it, on the command line and in the configuration file.
struct Setting {
  std::string names;  // as CLI11 takes them: "-i,--idle-timeout"
  std::string type;   // of its value, for the help
  std::string what;
  std::function<void(const std::string&)> add;  // takes one value; throws std::invalid_argument
  std::function<std::string()> text;            // the value as users would write it
  std::function<void()> clear = nullptr;        // empties a list; set where there may be several
  bool is_flag = false;                         // true where it is named without a value
  bool reloadable = true;                       // whether a running server can take a new value

  // "idle-timeout": the key in the configuration file.
  std::string_view key() const;

  // Takes the values in place of what was there. Throws std::invalid_argument.
  void read(const std::vector<std::string>& values) const;
};

// Every setting, bound to the options, which must outlive the result.
std::vector<Setting> settings_of(Options& options);

// What the first options say but the second, who are running, cannot take, such as "listen".
std::vector<std::string> not_reloadable(Options wanted, Options running);

}  // namespace echo
