#pragma once

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

// A run of `echoc load` and its result.
struct Load {
  Load(const std::string& address, const std::vector<std::string>& options)
      : Load(run_program(load_command(address, options))) {}
  explicit Load(const Finished& finished)
      : status(finished.status),
        errors(finished.errors),
        result(nlohmann::json::parse(finished.output, nullptr, false)) {}

  const nlohmann::json& messages() const { return result.at("messages"); }
  const nlohmann::json& connections() const { return result.at("connections"); }

  int status;
  std::string errors;
  nlohmann::json result;
};

inline void echo_script(Socket& client, int) {
  echo_all(client);
}

}  // namespace echo::testing
