#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include "tests/support/eventually.h"

namespace echo::testing {

// A folder of the test's own, removed with all that is in it.
class TemporaryFolder {
 public:
  TemporaryFolder() : path_("/tmp/echo-test-XXXXXX") {
    if (::mkdtemp(path_.data()) == nullptr) throw std::runtime_error("mkdtemp");
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + '/' + name; }

 private:
  std::string path_;
};

// Written whole and renamed, as configuration files should be.
inline void write_file(const std::string& file, const std::string& text) {
  std::ofstream(file + ".new", std::ios::trunc) << text;
  std::filesystem::rename(file + ".new", file);
}

// What is in the file; nothing where there is none.
inline std::string read_file(const std::string& file) {
  std::ifstream input(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(input), {}};
}

// Waits until a whole line of the file contains the text, and returns the line.
inline std::string wait_for_line(const std::string& file, const std::string& text) {
  std::string line;
  const bool found = eventually([&] {
    const std::string all = read_file(file);
    const std::size_t at = all.find(text);
    const std::size_t end = all.find('\n', at);
    if (at == all.npos || end == all.npos) return false;
    const std::size_t begin = all.rfind('\n', at) + 1;  // npos + 1 is 0
    line = all.substr(begin, end - begin);
    return true;
  });
  if (!found) throw std::runtime_error("no line with '" + text + "' in\n" + read_file(file));
  return line;
}

}  // namespace echo::testing
