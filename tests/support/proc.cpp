#include "tests/support/proc.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

namespace echo::testing {
namespace {

std::string folder_of(pid_t process) {
  return "/proc/" + std::to_string(process);
}

std::size_t entries(const std::string& folder) {
  const std::filesystem::directory_iterator begin(folder);
  return static_cast<std::size_t>(std::distance(begin, {}));
}

std::string line_of(const std::string& file, const std::string& start) {
  std::ifstream input(file);
  for (std::string line; std::getline(input, line);) {
    if (line.starts_with(start)) return line.substr(start.size());
  }
  throw std::runtime_error("no line '" + start + "' in " + file);
}

}  // namespace

std::size_t open_descriptors(pid_t process) {
  return entries(folder_of(process) + "/fd");
}

std::size_t threads(pid_t process) {
  return entries(folder_of(process) + "/task");
}

std::size_t worker_threads(pid_t process) {
  std::size_t count = 0;
  std::error_code gone;  // threads end while one looks
  for (const auto& task : std::filesystem::directory_iterator(folder_of(process) + "/task", gone)) {
    std::string name;
    std::ifstream(task.path() / "comm") >> name;
    count += name.starts_with("worker-") ? 1 : 0;
  }
  return count;
}

std::size_t resident_memory(pid_t process) {
  return std::stoul(line_of(folder_of(process) + "/status", "VmRSS:")) * 1024;
}

std::chrono::milliseconds processor_time(pid_t process) {
  std::istringstream fields(line_of(folder_of(process) + "/stat", ""));
  // The name in brackets may have spaces; behind it utime and stime are the 12th and 13th.
  std::string skipped;
  std::getline(fields, skipped, ')');
  for (int i = 0; i < 11; ++i) fields >> skipped;
  long user = 0;
  long system = 0;
  fields >> user >> system;
  return std::chrono::milliseconds((user + system) * 1000 / ::sysconf(_SC_CLK_TCK));
}

}  // namespace echo::testing
