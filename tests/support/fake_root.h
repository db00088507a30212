#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/temporary_folder.h"

namespace echo::testing {

// A folder that stands for the root of a system, with the files of proc and sys that a test writes.
class FakeRoot {
 public:
  void write(const std::string& file, const std::string& text) const {
    const auto path = this->path() / file;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text << '\n';
  }
  std::filesystem::path path() const { return folder_.path(); }

 private:
  TemporaryFolder folder_;
};

}  // namespace echo::testing
