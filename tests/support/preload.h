#pragma once

#include <filesystem>
#include <string>

#include "tests/support/temporary_folder.h"

namespace echo::testing {

// The environment variable that preloads the library, behind the sanitizer's runtime if there is
// one. It is linked to from the folder: LD_PRELOAD ends a path at a space or a colon, which the
// build's path may have.
inline std::string preload(const TemporaryFolder& folder, const std::string& sanitizer_runtime,
                           const std::string& library) {
  const std::string link = folder.file("preloaded.so");
  std::filesystem::create_symlink(library, link);
  return "LD_PRELOAD=" + sanitizer_runtime + ' ' + link;
}

}  // namespace echo::testing
