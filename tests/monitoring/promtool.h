#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/process.h"

namespace echo::testing {

// Says so where a program of Prometheus' is missing, which Debian's package "prometheus" has.
inline bool is_missing(const std::string& program) {
  if (run_program({"sh", "-c", "command -v " + program}).status == 0) return false;
  MESSAGE("skipped: there is no " << program << " here");
  return true;
}

inline void check_with_promtool(const std::string& page) {
  const Finished check = run_program({"promtool", "check", "metrics"}, page);
  CHECK(check.status == 0);
  CHECK(check.output == "");
  CHECK(check.errors == "");
}

// A file of rules, and the tests that go with it.
inline void check_rules_with_promtool(const std::string& name) {
  const std::string file = MONITORING_FOLDER "/" + name;
  for (const auto& [action, rules] :
       {std::pair("check", file + ".yml"), std::pair("test", file + "_test.yml")}) {
    const Finished run = run_program({"promtool", action, "rules", rules});
    CAPTURE(run.output);
    CAPTURE(run.errors);
    CHECK(run.status == 0);
  }
}

// How many words of the text that begin with one of these are metrics of the page. Others fail.
inline int count_metrics(const std::string& text, const std::vector<std::string_view>& prefixes,
                         const std::string& page) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz_";
  int count = 0;
  std::size_t end = 0;
  for (auto begin = text.find_first_of(kLetters); begin != text.npos;
       begin = text.find_first_of(kLetters, end)) {
    end = text.find_first_not_of(kLetters, begin);
    const std::string word = text.substr(begin, end - begin);
    const auto is_prefix = [&](std::string_view prefix) { return word.starts_with(prefix); };
    if (std::ranges::none_of(prefixes, is_prefix)) continue;
    CAPTURE(word);
    const std::string name = '\n' + word;
    CHECK((page.find(name + ' ') != page.npos || page.find(name + '{') != page.npos));
    ++count;
  }
  return count;
}

}  // namespace echo::testing
