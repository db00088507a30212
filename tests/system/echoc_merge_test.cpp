#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/support/temporary_folder.h"
#include "tests/system/echoc_load.h"
#include "tests/system/echod.h"

namespace echo::testing {
namespace {

TEST_CASE("merge reports what the runs reported") {
  Echod echod({"-l", "127.0.0.1:0"});
  const TemporaryFolder folder;
  const Finished load = run_program({ECHOC_PATH, "load", echod.address(), "-r", "2k", "-d", "500ms",
                                     "-i", "100ms", "--hlog", folder.file("a")});
  CHECK(load.status == 0);
  const Finished merged = run_program({ECHOC_PATH, "merge", folder.file("a")});
  CHECK(merged.status == 0);
  CHECK(merged.output.starts_with("times only: "));
  // Percentiles are the same; minimum, mean and maximum are only a bucket's. With ten connections
  // the last percentiles of connecting are the maximum, so latency and service time are compared.
  const std::string p99 = merged.output.substr(merged.output.find("\np99 "), 44);
  CHECK(load.output.find(p99) != std::string::npos);
  CHECK(merged.output.find("send_lateness") != std::string::npos);
  const Finished twice = run_program({ECHOC_PATH, "merge", folder.file("a"), folder.file("a")});
  CHECK(twice.output.find("\ncount                  2,000 ") != std::string::npos);
}

TEST_CASE("merge reads standard input") {
  Echod echod({"-l", "127.0.0.1:0"});
  const Finished load =
      run_program({ECHOC_PATH, "load", echod.address(), "-n", "100", "--json", "-"});
  const Finished merged = run_program({ECHOC_PATH, "merge", "-"}, load.output);
  CHECK(merged.status == 0);
  CHECK(merged.output.find("100 echoed and verified") != std::string::npos);
  CHECK(run_program({ECHOC_PATH, "merge", "-"})
            .errors.starts_with("echoc: standard input: is empty\n"));
}

TEST_CASE("without /proc a result is written by way of a file that has a name") {
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
  MESSAGE("skipped: the sanitizer itself reads /proc");
#else
  Echod echod({"-l", "127.0.0.1:0"});
  const TemporaryFolder folder;
  const Finished load =
      run_program({ECHOC_PATH, "load", echod.address(), "-n", "10", "--json", folder.file("a")});
  REQUIRE(load.status == 0);
  std::ofstream(folder.file("old")) << "old";
  for (const std::string name : {"old", "new"}) {
    const Finished merged =
        run_program({"unshare", "--map-root-user", "--mount", "sh", "-c",
                     "mount -t tmpfs none /proc && exec \"$0\" merge --json \"$1\" \"$2\"",
                     ECHOC_PATH, folder.file(name), folder.file("a")});
    CHECK(merged.status == 0);
    CHECK(merged.errors == "");
    CHECK(read_file(folder.file(name)).starts_with("{"));
  }
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 3);
#endif
}

TEST_CASE("merge names the file and the line that it cannot read") {
  const TemporaryFolder folder;
  const Finished missing = run_program({ECHOC_PATH, "merge", folder.file("none")});
  CHECK(missing.status == 1);
  CHECK(missing.errors == "echoc: cannot read " + folder.file("none") +
                              ": No such file or directory\n"
                              "echoc: there is no result to merge\n");
  std::ofstream(folder.file("bad")) << "rubbish\n";
  CHECK(run_program({ECHOC_PATH, "merge", folder.file("bad")}).errors ==
        "echoc: " + folder.file("bad") +
            ": line 1: fewer than four columns\n"
            "echoc: there is no result to merge\n");
}

}  // namespace
}  // namespace echo::testing
