#include "common/options/help.h"

#include <doctest/doctest.h>

#include <sstream>
#include <string>

#include <nlohmann/json.hpp>

#include "common/options/option_dump.h"
#include "tests/common/options/sample_program.h"

namespace echo::testing {
namespace {

TEST_CASE("the help shows each option with its default in brackets") {
  const SampleProgram sample;
  CHECK(help_text(sample.program, sample.command(), 60) ==
        "Usage: sample run [OPTION]... FILE...\n"
        "\n"
        "Do it.\n"
        "\n"
        "Arguments:\n"
        "  FILE...  Files to read\n"
        "\n"
        "Options:\n"
        "  -t, --timeout DURATION  How long to wait [5s]\n"
        "  -n, -c, --count N       How many [3]\n"
        "      --size SIZE         How large [64k]\n"
        "  -o, --output FILE       Where to write\n"
        "  -q, --quiet             Print nothing\n"
        "      --word WORD         Words to use; repeatable [a, b]\n"
        "  -V, --version           Print the version\n"
        "  -h, --help              Print this help\n");
}

TEST_CASE("the help breaks between words at any width") {
  SampleProgram sample;
  CommandSpec command = sample.command();
  command.options.front().names = "--an-option-with-a-long-name";
  command.sections.push_back({.title = "Notes",
                              .text = "A paragraph of several words.\nAnother one.",
                              .rows = {{"term", "what it means in a few words"}, {"alone", ""}}});
  for (std::size_t width = 40; width <= 120; ++width) {
    const std::string help = help_text(sample.program, command, width);
    CAPTURE(help);
    std::istringstream lines(help);
    for (std::string line; std::getline(lines, line);) {
      CHECK(line.size() <= width);
      CHECK_FALSE(line.ends_with(' '));
    }
    std::istringstream words(help);
    std::string all;
    for (std::string word; words >> word;) all += word + ' ';
    CHECK(all.find("--an-option-with-a-long-name DURATION How long to wait [5s]") != all.npos);
    CHECK(all.find("A paragraph of several words. Another one. term what it means in a few words"
                   " alone") != all.npos);
  }
}

TEST_CASE("the option table is written as JSON") {
  const SampleProgram sample;
  const auto dump = nlohmann::json::parse(options_as_json(sample.program));
  CHECK(dump.at("version") == ECHO_VERSION);
  const auto& command = dump.at("commands").at(0);
  CHECK(command.at("name") == "run");
  CHECK(command.at("positionals").at(0).at("names").at(0) == "FILE");
  CHECK(command.at("positionals").at(0).at("required") == true);
  const auto& count = command.at("options").at(1);
  CHECK(count.at("names") == nlohmann::json{"-n", "-c", "--count"});
  CHECK(count.at("value") == "N");
  CHECK(count.at("help") == "How many");
  CHECK(count.at("default") == "3");
  CHECK(count.at("list") == false);
  CHECK(command.at("options").size() == 8);  // without the hidden one
}

}  // namespace
}  // namespace echo::testing
