#include "common/options/option_dump.h"

#include <nlohmann/json.hpp>

namespace echo {
namespace {

using Json = nlohmann::ordered_json;

Json as_json(const OptionSpec& option) {
  return {{"names", option.all_names()}, {"value", option.value},
          {"help", option.help},         {"default", option.initial},
          {"choices", option.choices},   {"list", option.is_list()},
          {"required", option.required}, {"reloadable", option.reloadable}};
}

Json as_json(const CommandSpec& command) {
  Json positionals = Json::array();
  Json options = Json::array();
  for (const OptionSpec& option : command.options) {
    if (!option.hidden) (option.is_positional() ? positionals : options).push_back(as_json(option));
  }
  return {{"name", command.name},
          {"summary", command.summary},
          {"positionals", positionals},
          {"options", options}};
}

}  // namespace

std::string options_as_json(const ProgramSpec& program) {
  Json commands = Json::array();
  for (const CommandSpec& command : program.commands) commands.push_back(as_json(command));
  return Json{{"program", program.name}, {"version", ECHO_VERSION}, {"commands", commands}}.dump(2);
}

}  // namespace echo
