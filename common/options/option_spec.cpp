#include "common/options/option_spec.h"

#include <fmt/format.h>

#include <sstream>
#include <stdexcept>

namespace echo {

std::vector<std::string> OptionSpec::all_names() const {
  std::vector<std::string> result;
  std::istringstream list(names);
  for (std::string name; std::getline(list, name, ',');) result.push_back(name);
  return result;
}

std::string OptionSpec::long_name() const {
  return names.substr(names.rfind(',') + 1);
}

std::string OptionSpec::key() const {
  const std::string name = long_name();
  return name.starts_with("--") ? name.substr(2) : name;
}

void OptionSpec::assign(const std::vector<std::string>& values) const {
  if (is_list()) {
    clear();
  } else if (values.size() > 1 && !is_flag()) {
    throw std::invalid_argument(
        fmt::format("takes one value, not {} ('{}')", values.size(), fmt::join(values, "', '")));
  }
  for (const std::string& one : values) parse(one);
}

std::string full_name(const ProgramSpec& program, const CommandSpec& command) {
  return command.name.empty() ? program.name : program.name + ' ' + command.name;
}

}  // namespace echo
