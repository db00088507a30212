#pragma once

#include <sstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/support/process.h"
#include "tests/support/scripted_server.h"

namespace echo::testing {

inline std::vector<std::string> load_command(const std::string& address,
                                             const std::vector<std::string>& options) {
  std::vector<std::string> command{ECHOC_PATH, "load", address, "--json", "-"};
  command.insert(command.end(), options.begin(), options.end());
  return command;
}

// Without the warning that echoc itself was late, which a busy machine may cause.
inline std::string without_lateness(const std::string& errors) {
  std::istringstream lines(errors);
  std::string rest;
  for (std::string line; std::getline(lines, line);) {
    if (line.find("warning: echoc itself was late") == line.npos) rest += line + '\n';
  }
  return rest;
}

// A run of `echoc load` and its result.
struct Load {
  Load(const std::string& address, const std::vector<std::string>& options)
      : Load(run_program(load_command(address, options))) {}
  explicit Load(const Finished& finished)
      : status(finished.status),
        errors(without_lateness(finished.errors)),
        result(nlohmann::json::parse(finished.output, nullptr, false)) {}

  const nlohmann::json& messages() const { return result.at("messages"); }
  const nlohmann::json& connections() const { return result.at("connections"); }

  int status;
  std::string errors;
  nlohmann::json result;
};

}  // namespace echo::testing
