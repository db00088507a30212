#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "tests/support/temporary_folder.h"
#include "tests/system/echoc_load.h"
#include "tests/system/echod.h"

namespace echo::testing {
namespace {

// A folder with the result of a short run in it.
struct SavedLoad {
  SavedLoad() {
    Echod echod({"-l", "127.0.0.1:0"});
    run_program({ECHOC_PATH, "load", echod.address(), "-r", "1k", "-d", "300ms", "-i", "100ms",
                 "-q", "--json", result});
  }
  Finished report(std::vector<std::string> arguments, std::string_view input = {}) const {
    arguments.insert(arguments.begin(), {ECHOC_PATH, "report"});
    return run_program(std::move(arguments), input);
  }
  std::size_t files() const {
    const std::filesystem::directory_iterator entries(folder.path());
    return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
  }

  const TemporaryFolder folder;
  const std::string result = folder.file("a.json");
  const std::string page = folder.file("a.html");
};

TEST_CASE("report writes a page and nothing else") {
  const SavedLoad load;
  const Finished done = load.report({load.result, "-o", load.page});
  CHECK(done.status == 0);
  CHECK(done.output == "");
  CHECK(done.errors == "");
  const std::string page = read_file(load.page);
  CHECK(page.starts_with("<!DOCTYPE html>"));
  CHECK(page.ends_with("</html>\n"));
  CHECK(page.size() <= 500 * 1024);
  CHECK(load.files() == 2);
  CHECK(load.report({load.result, "-o", "-"}).output == page);
}

TEST_CASE("report reads standard input and several files") {
  const SavedLoad load;
  const Finished done = load.report({load.result, "-", "-o", load.page}, read_file(load.result));
  CHECK(done.status == 0);
  CHECK(read_file(load.page).find("standard input beside a.json, the base") != std::string::npos);
}

TEST_CASE("report names every file that is not a result and leaves the page as it was") {
  const SavedLoad load;
  write_file(load.page, "old");
  write_file(load.folder.file("cut"), read_file(load.result).substr(0, 1000));
  write_file(load.folder.file("empty"), "");
  const std::size_t before = load.files();
  const Finished done =
      load.report({load.folder.file("cut"), load.result, load.folder.file("empty"),
                   load.folder.file("none"), "-o", load.page});
  CHECK(done.status == 1);
  CHECK(done.errors == "echoc: " + load.folder.file("cut") + ": is cut short or not JSON\n" +
                           "echoc: " + load.folder.file("empty") + ": is empty\n" +
                           "echoc: cannot read " + load.folder.file("none") +
                           ": No such file or directory\n");
  CHECK(read_file(load.page) == "old");
  CHECK(load.files() == before);
}

TEST_CASE("report refuses wrong usage") {
  const SavedLoad load;
  const std::string before = read_file(load.result);
  CHECK(load.report({load.result}).errors ==
        "echoc: --output is missing; see echoc report --help\n");
  CHECK(load.report({load.result}).status == 2);
  CHECK(load.report({"-o", load.page}).status == 2);
  CHECK(load.report({"-", "-", "-o", load.page}).status == 2);
  CHECK(load.report({load.result, "-o", load.result}).status == 2);
  CHECK(read_file(load.result) == before);
  const Finished nowhere = load.report({load.result, "-o", load.folder.file("none/page")});
  CHECK(nowhere.status == 1);
  CHECK(nowhere.errors ==
        "echoc: cannot write " + load.folder.file("none/page") + ": No such file or directory\n");
}

}  // namespace
}  // namespace echo::testing
