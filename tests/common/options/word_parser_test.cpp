#include "common/options/word_parser.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "common/usage_error.h"
#include "tests/common/options/sample_program.h"

namespace echo::testing {
namespace {

using namespace std::chrono_literals;

// What is said about these words; "" if nothing is wrong with them.
std::string fault(const std::vector<std::string>& words) {
  try {
    SampleProgram().take(words);
    return "";
  } catch (const UsageError& error) {
    return error.what();
  }
}

TEST_CASE("options stand before and behind the arguments and in every spelling") {
  SampleProgram sample;
  sample.take({"-t", "7s", "one", "--size=4k", "-o/tmp/x", "-q", "two", "--word", "x", "--word=y"});
  CHECK(sample.timeout == 7s);
  CHECK(sample.size == 4096);
  CHECK(sample.file == "/tmp/x");
  CHECK(sample.quiet);
  REQUIRE(sample.files.size() == 2);
  CHECK(sample.files.at(0).content == "one");
  CHECK(sample.files.at(1).content == "two");
  REQUIRE(sample.words.size() == 2);
  CHECK(sample.words.at(0).content == "x");
  CHECK(sample.words.at(1).content == "y");
}

TEST_CASE("options that are not given keep their members") {
  SampleProgram sample;
  sample.take({"one"});
  CHECK(sample.timeout == 5s);
  CHECK(sample.count == 3);
  CHECK(sample.words.size() == 2);
}

TEST_CASE("behind two dashes every word is an argument") {
  SampleProgram sample;
  sample.take({"-q", "--", "--word", "-x"});
  REQUIRE(sample.files.size() == 2);
  CHECK(sample.files.at(0).content == "--word");
  CHECK(sample.files.at(1).content == "-x");
}

TEST_CASE("an option that is not known is named with the one that was meant") {
  CHECK(fault({"f", "--tiemout", "3"}) == "unknown option '--tiemout'; did you mean '--timeout'?");
  CHECK(fault({"f", "--deadline=3"}) == "unknown option '--deadline'; did you mean '--timeout'?");
  CHECK(fault({"-w", "3"}) == "unknown option '-w'; did you mean '--timeout'?");
  CHECK(fault({"f", "-N7"}) == "unknown option '-N'; did you mean '-n'?");
  CHECK(fault({"f", "--foo", "3"}) == "unknown option '--foo'; see sample run --help");
  CHECK(fault({"f", "-5"}) == "unknown option '-5'; see sample run --help");
}

TEST_CASE("a value that is missing or empty or one too many is named") {
  CHECK(fault({"f", "--timeout"}) == "--timeout needs a value");
  CHECK(fault({"f", "-q", "-o"}) == "--output needs a value");
  CHECK(fault({"--output=", "f"}) == "--output: '' is not the name of a file");
  CHECK(fault({"f", "-t", "1", "-t", "2"}) == "--timeout: takes one value, not 2 ('1', '2')");
  CHECK(fault({"f", "-qq"}).empty());
  CHECK(fault({"-q"}) == "FILE is missing; see sample run --help");
  CHECK(fault({"f", "-n", "1", "-t", "1"}) == "--count and --timeout cannot both be given");
  CHECK(fault({"-t", "--size", "5"}) == "--timeout needs a value; '--size' is an option");
  CHECK(fault({"f", "-t", "-1"}).starts_with("--timeout: '-1' is not a duration"));
}

TEST_CASE("an argument that the command does not take is refused") {
  SampleProgram sample;
  CommandSpec none{.name = "none", .summary = "", .options = common_options(false)};
  CHECK_THROWS_WITH_AS(split_words(sample.program, none, {"more"}),
                       "unexpected argument 'more'; see sample none --help", UsageError);
  CHECK_THROWS_WITH_AS(split_words(sample.program, none, {""}),
                       "unexpected argument ''; see sample none --help", UsageError);
}

TEST_CASE("help and version are given whatever else is wrong") {
  SampleProgram sample;
  const auto text = [&sample](const std::vector<std::string>& words) {
    const GivenWords given = split_words(sample.program, sample.command(), words);
    REQUIRE(given.ask_for_text());
    return text_asked_for(sample.program, sample.command(), given);
  };
  CHECK(text({"--foo", "-h"}).starts_with("Usage: sample run [OPTION]... FILE...\n"));
  CHECK(text({"-V"}) == "sample " ECHO_VERSION "\n");
  CHECK(nlohmann::json::parse(text({"--dump-options"})).at("program") == "sample");
}

}  // namespace
}  // namespace echo::testing
