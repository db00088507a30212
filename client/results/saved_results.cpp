#include "client/results/saved_results.h"

#include <fmt/format.h>

#include <stdexcept>

#include "client/results/json_result.h"
#include "client/results/saved_text.h"

namespace echo {
namespace {

Result read_one(const std::string& text) {
  if (text.find_first_not_of(" \t\r\n") == text.npos) throw std::runtime_error("is empty");
  Result result = parse_result(text);
  if (!result.error.empty()) throw std::runtime_error("measured nothing: " + result.error);
  if (!result.targets.empty()) {
    throw std::runtime_error(fmt::format(
        "holds {} targets, and their comparison; only results of one target can be compared",
        result.targets.size()));
  }
  if (result.partial) throw std::runtime_error("is partial: its run was interrupted");
  return result;
}

}  // namespace

std::vector<NamedResult> read_saved_results(const std::vector<std::string>& paths,
                                            std::vector<std::string>& problems) {
  std::vector<NamedResult> results;
  for (const std::string& path : paths) {
    const std::string name = path == "-" ? "standard input" : path;
    std::string text;
    try {
      text = read_saved_text(path);
    } catch (const std::runtime_error& error) {
      problems.emplace_back(error.what());
      continue;
    }
    try {
      results.push_back({name, read_one(text)});
    } catch (const std::runtime_error& error) {
      problems.push_back(fmt::format("{}: {}", name, error.what()));
    }
  }
  return results;
}

}  // namespace echo
